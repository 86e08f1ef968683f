"""One attempt at a job, from its spec to its last event."""

import logging
import os
import sys
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from anneal_trainer.checkpoints import WholeCheckpoint, examine
from anneal_trainer.crew import Broken, Crew, fork_ranks
from anneal_trainer.device import quick_imports, quiet_libraries
from anneal_trainer.events import EventLog
from anneal_trainer.files import path_of
from anneal_trainer.gpus import take_gpus
from anneal_trainer.job import JobFolder
from anneal_trainer.mix import Plan
from anneal_trainer.problems import Cause, Interrupted, Smaller, TrainerProblem, describe_failure
from anneal_trainer.rows import Data, lay_out, read_data
from anneal_trainer.signals import StopRequest
from anneal_trainer.spec import Spec, different_plan, read_spec
from anneal_trainer.trackers import Tracked, end_trackers, set_up_trackers

if TYPE_CHECKING:
    from anneal_trainer.reporter import Reporter

logger = logging.getLogger("anneal_trainer")

LOCKED = 75
"""Exit code when another process works on the job (EX_TEMPFAIL)."""


def run(folder: Path, attempt: int, started_at: float) -> int:
    """Work on a job folder; the exit code: 0 finished or interrupted, 1 failed, 75 taken by another process."""
    job = JobFolder(folder)
    if not job.take_lock():
        logger.error("The process %s works on %s already.", job.lock_holder(), folder)
        return LOCKED
    stop = StopRequest(job.stop)
    stop.listen()
    if job.result.exists():
        logger.info("%s has its result already.", folder)
        return 0
    job.begin_attempt(attempt, started_at)
    log = EventLog(job.events, attempt)
    if log.cut_off:
        logger.warning("The last line of %s was half-written and is cut off.", job.events.name)
    failed = True
    try:
        code = _Attempt(job=job, number=attempt, log=log, stop=stop).run()
        failed = code != 0
        return code
    finally:
        end_trackers(failed=failed)
        log.close()


@dataclass(kw_only=True)
class _Attempt:
    """One process's work; ``step`` is how far training is."""

    job: JobFolder
    number: int
    log: EventLog
    stop: StopRequest
    step: int = 0
    crew: Crew = field(default_factory=Crew)
    reporter: "Reporter | None" = None
    last_word: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> int:
        try:
            spec = read_spec(self.job.spec)
            tracked = set_up_trackers(spec.trackers, self.job.trackers, spec.key)
            resumed = self._newest_checkpoint() or self._continued(spec)
            data = read_data(spec)
            plan = lay_out(spec, data)
            try:
                if resumed is not None and resumed.step >= plan.last_step:
                    _refuse_early_end(resumed.step, plan, resumed)
                elif not self.stop.asked:
                    self._train(spec, data, plan, resumed, tracked)
                self.crew.end_others()
            except Interrupted:
                self.crew.end_others(patience_seconds=0)
                logger.info("Told to end by %s.", self.stop.signal or self.job.stop.name)
            return self._end(spec, plan)
        except Smaller as error:
            self._start_again(error.larger, error.smaller, str(error))
        except Exception as error:
            logger.exception("The attempt failed.")
            self.crew.await_echo()
            self.crew.end_others(patience_seconds=0)
            return self._fail(*describe_failure(error))

    def _take_last_word(self) -> None:
        """The first thread that ends the attempt says why; another one waits for the end of the process."""
        if not self.last_word.acquire(blocking=False):
            threading.Event().wait()

    def _fail(self, cause: Cause, message: str) -> int:
        self._take_last_word()
        self.log.write("failed", sync=True, step=self._done, cause=cause, message=message)
        return 1

    @property
    def _done(self) -> int:
        return max(self.step, self.reporter.step if self.reporter else 0)

    def _on_broken(self, broken: Broken) -> None:
        """Another rank is gone, and the main thread may wait for it in vain: this thread ends the attempt."""
        try:
            if broken.smaller is not None:
                self._start_again(*broken.smaller, broken.message)
            self._fail(broken.cause, broken.message)
            self.crew.end_others(patience_seconds=0)
        finally:
            # Whatever happens to these words: the main thread may wait for ever.
            os._exit(1)

    def _start_again(self, larger: int, smaller: int, said: str) -> NoReturn:
        """The same process, from its newest checkpoint, with a smaller micro-batch: others wait in mid-step."""
        self._take_last_word()
        self.log.write("memory", sync=True, step=self._done, **{"from": larger, "to": smaller}, message=said)
        self.crew.end_others(patience_seconds=0)
        if self.stop.signal is not None:  # it would be forgotten by the program that follows
            self.log.write("interrupted", sync=True, step=self._done, signal=self.stop.signal)
            os._exit(0)
        arguments = ["run", str(self.job.path), "--attempt", str(self.number)]
        os.execv(sys.executable, [sys.executable, "-m", "anneal_trainer", *arguments])

    def _newest_checkpoint(self) -> WholeCheckpoint | None:
        for line in self.job.checkpoints.broken():
            logger.warning("Not a whole checkpoint, left as it is: %s", line)
        whole = self.job.checkpoints.whole()
        if not whole:
            return None
        for item in whole:
            if item.lacks:
                logger.warning("%s lacks %s, which an exact resume needs.", item.path.name, ", ".join(item.lacks))
        newest = ([item for item in whole if not item.lacks] or whole)[-1]
        self.step = newest.step
        logger.info("Going on from %s.", newest.path.name)
        return newest

    def _continued(self, spec: Spec) -> WholeCheckpoint | None:
        """The checkpoint of another job that this one goes on from, weights, optimizer, order and random states."""
        if spec.continues is None:
            return None
        found = examine(path_of(spec.continues))
        if isinstance(found, str):
            raise TrainerProblem("checkpointBroken", f"{spec.continues} can't be gone on from: {found}.")
        if found.lacks:
            raise TrainerProblem(
                "checkpointBroken", f"{spec.continues} can't be gone on from: it lacks {', '.join(found.lacks)}."
            )
        other = different_plan(self.job.spec, found.path.parents[1] / self.job.spec.name)
        if other is not None:
            raise TrainerProblem("internal", f"{spec.continues} is of a job with another {other}: not one training.")
        self.step = found.step
        logger.info("Going on from %s of another job.", found.path.name)
        return found

    def _train(self, spec: Spec, data: Data, plan: Plan, resumed: WholeCheckpoint | None, tracked: Tracked) -> None:
        begun = time.perf_counter()
        quiet_libraries()
        with self.stop.at_once():
            take_gpus(spec.processes, waiting=self._tell_waiting)
        with self.stop.at_once(), quick_imports():
            import anneal_trainer.reporter
            import anneal_trainer.training  # noqa: F401
        logger.info("Imports took %.1f s.", time.perf_counter() - begun)
        self.crew = fork_ranks(spec.processes, self._on_broken)
        if self.crew.leads:
            self._train_share(spec, data, plan, resumed, tracked)
            return
        self.log.fall_silent()
        try:
            self._train_share(spec, data, plan, resumed, tracked)
        except BaseException as error:
            self.crew.leave(None if isinstance(error, Interrupted) else error)
        self.crew.leave(None)

    def _tell_waiting(self, said: str) -> None:
        logger.info(said)
        if self.stop.asked:
            raise Interrupted
        self.log.write("waiting", step=self._done, message=said)

    def _may_give_up(self) -> bool:
        return self.crew.leads and self.stop.asked

    def _train_share(
        self, spec: Spec, data: Data, plan: Plan, resumed: WholeCheckpoint | None, tracked: Tracked
    ) -> None:
        from anneal_trainer.reporter import Reporter
        from anneal_trainer.training import prepare

        begun = time.perf_counter()
        # The others learn from the leader whether to end: each by itself would see the stop file at another moment.
        with self.stop.at_once() if self.crew.leads else nullcontext():
            reporter = self.reporter = Reporter(
                self.job, self.log, plan, self.stop, self.crew, attempt=self.number, keep=spec.keep_checkpoints
            )
            trainer = prepare(
                spec, data, plan, reporter, self.job, self.crew, give_up=self._may_give_up, tracked=tracked
            )
        ready = time.perf_counter()
        logger.info("Loading took %.1f s.", ready - begun)
        try:
            trainer.train(resume_from_checkpoint=str(resumed.path) if resumed else None)
        finally:
            self.step = max(self.step, int(trainer.state.global_step))
        if self.crew.leads and not self.stop.asked:
            _refuse_early_end(self.step, plan, resumed)

    def _end(self, spec: Spec, plan: Plan) -> int:
        if self.stop.signal is not None and not self.stop.stopped:
            self.log.write("interrupted", sync=True, step=self.step, signal=self.stop.signal)
            return 0
        self.log.write("finished", sync=True, step=self.step, stopped=self.step < plan.last_step)
        self.job.write_result(key=spec.key, step=self.step, plan=plan)
        return 0


def _refuse_early_end(step: int, plan: Plan, resumed: WholeCheckpoint | None) -> None:
    """Raise ``TrainerProblem`` (resumeTrainedNothing, endedEarly) unless every planned step was trained."""
    if resumed is not None and step == resumed.step != plan.last_step:
        raise TrainerProblem(
            "resumeTrainedNothing",
            f"Resumed from {resumed.path.name}, training ended without a step; {plan.last_step} are planned. "
            "Was the checkpoint made with other records, epochs or another batch size?",
        )
    if step < plan.last_step:
        raise TrainerProblem(
            "endedEarly", f"Training ended at step {step} of {plan.last_step}, though nobody asked it to stop."
        )
