"""What happens in training, written down. The reporter decides nothing but to give up where training is pointless."""

import logging
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from anneal_trainer.crew import Crew
from anneal_trainer.events import EventLog
from anneal_trainer.health import Health, Speed
from anneal_trainer.job import JobFolder
from anneal_trainer.mix import Plan
from anneal_trainer.problems import MESSAGE_LIMIT, Interrupted, TrainerProblem, is_full_disk
from anneal_trainer.signals import StopRequest

logger = logging.getLogger("anneal_trainer")


class Reporter(TrainerCallback):  # type: ignore[misc]  # transformers' class is untyped
    """Appends the events of training, evaluates and marks checkpoints whole at the planned steps.

    Order at a step: ``step``, then ``evaluation``, then the trainer's save, then ``checkpoint``.
    """

    def __init__(
        self, job: JobFolder, log: EventLog, plan: Plan, stop: StopRequest, crew: Crew, *, attempt: int, keep: int
    ) -> None:
        self._job, self._log, self._plan, self._stop, self._crew = job, log, plan, stop, crew
        self._attempt, self._keep = attempt, keep
        self._health = Health()
        self._speed = Speed(batch_size=plan.batch_size)
        self._evaluate: Any = None
        self._compare: Any = None
        self._changed: Any = None
        self._try_heaviest: Any = None
        self._base: str | None = None
        self._track: Any = None
        self.step = 0
        """Steps done."""
        self._unsaved: int | None = None
        self.started: dict[str, Any] = {}

    def attach(
        self,
        *,
        evaluate: Any,
        compare: Any,
        changed: Any,
        base: str | None,
        track: Any,
        try_heaviest: Any,
        started: dict[str, Any],
    ) -> None:
        """Give what needs the model: evaluation, comparison with the base, dry step, the facts of ``started``.

        ``compare`` tells pairs apart; None where no preferences are trained. ``base`` is the digest of the weights
        below an adapter. ``track`` takes the figures of an evaluation for experiment trackers; None without any.
        """
        self._track = track
        self._evaluate, self._compare, self._changed, self._base = evaluate, compare, changed, base
        self._try_heaviest, self.started = try_heaviest, started

    def micro_batch_that_fitted(self) -> int | None:
        """The micro-batch to which an earlier attempt came down."""
        sizes = [line.get("to") for line in self._log.earlier if line["event"] == "memory"]
        return next((size for size in reversed(sizes) if isinstance(size, int) and size > 0), None)

    def smaller_micro_batch(self, larger: int, smaller: int, said: str) -> None:
        """Memory ran out; the step is taken again."""
        logger.warning("Out of memory with %d samples at once, going on with %d: %s", larger, smaller, said)
        self._log.write("memory", sync=True, step=self.step, **{"from": larger, "to": smaller}, message=said)

    def no_space(self, said: str) -> None:
        """The checkpoint of this step does not fit on the disk: what there is of it is removed, training goes on."""
        self._unsaved = self.step
        if not self._crew.leads:
            return
        self._job.checkpoints.clear(self.step)
        logger.warning("No checkpoint at step %d, there is no room for it: %s", self.step, said)
        self._log.write("space", sync=True, step=self.step, message=said[:MESSAGE_LIMIT])

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Everything is loaded: say where training starts, and evaluate there unless an earlier attempt has."""
        self._log.write("started", sync=True, step=state.global_step, **self.started)
        self.step = step = state.global_step
        self._try_heaviest()
        if step in self._plan.evaluation_steps and step not in self._log.evaluated_steps():
            self._write_evaluation(step)
        if self._crew.broadcast(self._stop.asked):
            raise Interrupted
        self._speed.restart()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint at evaluation points, and to stop where a signal or the stop file says so."""
        self._speed.step_done()
        self.step = state.global_step
        stopping = self._crew.broadcast(self._stop.asked)
        if stopping or state.global_step >= self._plan.last_step:
            control.should_training_stop = True
        if stopping or state.global_step in self._plan.evaluation_steps:
            if self._crew.leads:
                self._job.checkpoints.clear(state.global_step)
            self._crew.broadcast(True)  # nobody saves into what is being cleared
            control.should_save = True

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **_: Any) -> None:
        """Write the step, and the evaluation that belongs after it."""
        if logs is None or "loss" not in logs:
            return
        step = state.global_step
        loss, gradient = logs["loss"], float(logs["grad_norm"])
        self._log.write(
            "step",
            step=step,
            epoch=step / self._plan.steps_per_epoch,
            loss=loss,
            gradNorm=gradient,
            learningRate=logs["learning_rate"],
            samplesPerSecond=self._speed.samples_per_second,
        )
        self._health.check(step, loss, gradient)
        if self._health.bad:
            control.should_save = False  # its weights are no numbers any more: nobody must resume from them
            if step >= self._plan.last_step:
                raise TrainerProblem("diverged", f"The loss or gradient of step {step}, the last one, is no number.")
        if step in self._plan.evaluation_steps and not self._crew.broadcast(self._stop.asked):
            self._write_evaluation(step)
        self._speed.restart()

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint whole, say so, and drop the oldest beyond the limit.

        Raises ``TrainerProblem`` (space) when the disk had no room for the last one, which is the result.
        """
        if not self._crew.leads:
            return
        step = state.global_step
        folder = self._mark_whole(step) if self._unsaved != step else None
        if folder is None:
            self._speed.restart()
            if control.should_training_stop or step >= self._plan.last_step:
                raise TrainerProblem(
                    "space",
                    f"There is no room for the last checkpoint (step {step}): make room, then resume.",
                )
            return
        self._log.write("checkpoint", sync=True, step=step, path=folder.relative_to(self._job.path).as_posix())
        self._job.checkpoints.prune(self._keep)
        self._speed.restart()

    def _mark_whole(self, step: int) -> Path | None:
        try:
            return self._job.checkpoints.mark_whole(
                step, attempt=self._attempt, changed=self._changed(), base=self._base
            )
        except OSError as error:
            if not is_full_disk(error):
                raise
            self.no_space(str(error))
            return None

    def _write_evaluation(self, step: int) -> None:
        figures = self._evaluate()
        preferences = self._compare(step) if figures is not None and self._compare else None
        if figures is None or (self._compare and preferences is None) or not self._crew.leads:
            return
        items = {name: inner.items for name, inner in figures.items()}
        self._log.write(
            "evaluation",
            sync=True,
            step=step,
            epoch=step / self._plan.steps_per_epoch,
            losses={name: inner.loss for name, inner in figures.items()},
            standardErrors={name: inner.standard_error for name, inner in figures.items()},
            exact={name: inner.exact for name, inner in figures.items()},
            itemLosses=self._job.write_items(step, self._attempt, items),
            **({"preferences": preferences} if preferences else {}),
        )
        if self._track:
            losses = {f"{name}_loss": inner.loss for name, inner in figures.items() if inner.loss is not None}
            self._track(losses | {f"{name}_exact": inner.exact for name, inner in figures.items()})
