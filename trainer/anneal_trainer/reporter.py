"""What happens in training, written down. The reporter decides nothing but to give up where training is pointless."""

from typing import Any

from transformers import TrainerCallback

from anneal_trainer.events import EventLog
from anneal_trainer.health import Health, Speed
from anneal_trainer.job import JobFolder
from anneal_trainer.mix import Plan
from anneal_trainer.problems import Interrupted
from anneal_trainer.signals import StopRequest


class Reporter(TrainerCallback):  # type: ignore[misc]  # transformers' class is untyped
    """Appends the events of training, evaluates and marks checkpoints whole at the planned steps.

    Order at a step: ``step``, then ``evaluation``, then the trainer's save, then ``checkpoint``.
    """

    def __init__(
        self, job: JobFolder, log: EventLog, plan: Plan, stop: StopRequest, *, attempt: int, keep: int
    ) -> None:
        self._job, self._log, self._plan, self._stop = job, log, plan, stop
        self._attempt, self._keep = attempt, keep
        self._health = Health()
        self._speed = Speed(batch_size=plan.batch_size)
        self._evaluate: Any = None
        self._compare: Any = None
        self._changed: Any = None
        self.started: dict[str, Any] = {}

    def attach(self, *, evaluate: Any, compare: Any, changed: Any, started: dict[str, Any]) -> None:
        """Give what needs the model: the evaluation, how pairs are told apart, the comparison with the base, the start.

        ``compare`` is None where no preferences are trained.
        """
        self._evaluate, self._compare, self._changed, self.started = evaluate, compare, changed, started

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Everything is loaded: say where training starts, and evaluate there unless an earlier attempt has."""
        self._log.write("started", sync=True, step=state.global_step, **self.started)
        step = state.global_step
        if step in self._plan.evaluation_steps and step not in self._log.evaluated_steps():
            self._write_evaluation(step)
        if self._stop.asked:
            raise Interrupted
        self._speed.restart()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask for a checkpoint at evaluation points, and to stop where a signal or the stop file says so."""
        self._speed.step_done()
        if self._stop.asked:
            control.should_training_stop = True
        if self._stop.asked or state.global_step in self._plan.evaluation_steps:
            self._job.checkpoints.clear(state.global_step)
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
        if step in self._plan.evaluation_steps and not self._stop.asked:
            self._write_evaluation(step)
        self._speed.restart()

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Mark the checkpoint whole, say so, and drop the oldest beyond the limit."""
        step = state.global_step
        folder = self._job.checkpoints.mark_whole(step, attempt=self._attempt, changed=self._changed())
        self._log.write("checkpoint", sync=True, step=step, path=folder.relative_to(self._job.path).as_posix())
        self._job.checkpoints.prune(self._keep)
        self._speed.restart()

    def _write_evaluation(self, step: int) -> None:
        figures = self._evaluate()
        preferences = self._compare(step) if figures is not None and self._compare else None
        if figures is None or (self._compare and preferences is None):
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
