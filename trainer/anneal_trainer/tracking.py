"""Figures to experiment trackers, by transformers' own integrations; a resumed job goes on in the run it began."""

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from transformers import TrainerCallback
from transformers.integrations import MLflowCallback, TensorBoardCallback, TrackioCallback, WandbCallback

from anneal_trainer.trackers import Tracked

logger = logging.getLogger("anneal_trainer")


class Tracking(TrainerCallback):  # type: ignore[misc]  # transformers' class is untyped
    """Hands each event on to the trackers that a job asks for.

    One that can't begin fails the attempt; one that fails later is left out from then on, not to cost the training.

    ``last_step``: a run of a training that ends before it counts as stopped.
    """

    def __init__(self, tracked: Tracked, *, steps_per_epoch: float, last_step: int) -> None:
        makers: Mapping[str, Callable[[], Any]] = {
            "tensorboard": lambda: _TensorBoard(tracked),
            "mlflow": lambda: _MLflow(tracked, last_step),
            "wandb": lambda: _Wandb(tracked),
            "trackio": lambda: _Trackio(tracked),
        }
        self._trackers = {name: makers[name]() for name in tracked.names}
        self._steps_per_epoch = steps_per_epoch
        self._training: tuple[Any, Any, Any] | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """Begin the runs of the trackers, or go on in them."""
        self._training = args, state, control
        for tracker in self._trackers.values():
            tracker.on_train_begin(args, state, control, **rest)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **rest: Any) -> None:
        """Figures of a step, or of the whole job at its end.

        An epoch is a pass over the business data, for the library it is the whole job.
        """
        figures = {name: value for name, value in logs.items() if name != "epoch"}
        if "loss" in logs:
            figures["epoch"] = state.global_step / self._steps_per_epoch
        self._each("on_log", args, state, control, logs=figures, **rest)

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """A checkpoint is there; trackers take it where their variables say so."""
        self._each("on_save", args, state, control, **rest)

    def on_train_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        """End the runs of the trackers."""
        self._each("on_train_end", args, state, control, **rest)

    def tell(self, figures: Mapping[str, float]) -> None:
        """Figures of an evaluation at the present step, as ``eval_<set>_<figure>``."""
        if self._training is not None:
            self._each("on_log", *self._training, logs={f"eval_{name}": value for name, value in figures.items()})

    def _each(self, event: str, *told: Any, **rest: Any) -> None:
        for name, tracker in list(self._trackers.items()):
            try:
                getattr(tracker, event)(*told, **rest)
            except Exception:
                logger.exception("%s gets no more figures of this attempt.", name)
                del self._trackers[name]


class _TensorBoard(TensorBoardCallback):  # type: ignore[misc]  # transformers' class is untyped
    """A folder of event files, one an attempt; what is trained again hides what the attempt before wrote of it."""

    def __init__(self, tracked: Tracked) -> None:
        super().__init__()
        self._tracked = tracked
        self.logging_dir = str(tracked.tensorboard)

    def on_train_begin(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if state.is_world_process_zero:
            self.tb_writer = self._SummaryWriter(log_dir=self.logging_dir, purge_step=state.global_step + 1)
            self.tb_writer.add_text("anneal", "\n".join(f"- {name}: {it}" for name, it in self._tracked.labels.items()))
        super().on_train_begin(args, state, control, **rest)


class _MLflow(MLflowCallback):  # type: ignore[misc]  # transformers' class is untyped
    def __init__(self, tracked: Tracked, last_step: int) -> None:
        super().__init__()
        self._tracked, self._last_step = tracked, last_step

    def setup(self, args: Any, state: Any, model: Any) -> None:
        super().setup(args, state, model)
        if state.is_world_process_zero:
            self._tracked.keep_mlflow_run(self._ml_flow.active_run().info.run_id)
            self._ml_flow.set_tags({f"anneal.{name}": it for name, it in self._tracked.labels.items()})

    def on_save(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        super().on_save(args, state, control, **rest)
        if state.is_world_process_zero:
            # Steps up to a checkpoint are not trained again, so nothing else would send them after a kill.
            self._ml_flow.flush_async_logging()

    def on_train_end(self, args: Any, state: Any, control: Any, **rest: Any) -> None:
        if state.is_world_process_zero and self._ml_flow.active_run() is not None:
            self._ml_flow.end_run("FINISHED" if state.global_step >= self._last_step else "KILLED")


class _Wandb(WandbCallback):  # type: ignore[misc]  # transformers' class is untyped
    def __init__(self, tracked: Tracked) -> None:
        super().__init__()
        self._tracked = tracked

    def setup(self, args: Any, state: Any, model: Any, **rest: Any) -> None:
        super().setup(args, state, model, **rest)
        if state.is_world_process_zero:
            self._wandb.config.update({"anneal": self._tracked.labels}, allow_val_change=True)


class _Trackio(TrackioCallback):  # type: ignore[misc]  # transformers' class is untyped
    def __init__(self, tracked: Tracked) -> None:
        super().__init__()
        self._tracked = tracked

    def setup(self, args: Any, state: Any, model: Any, **rest: Any) -> None:
        super().setup(args, state, model, **rest)
        if state.is_world_process_zero:
            self._trackio.config["anneal"] = json.dumps(self._tracked.labels)
