"""Whether training still learns, and how fast it goes."""

import math
import time
from collections import deque
from dataclasses import dataclass, field

from anneal_trainer.problems import TrainerProblem

PATIENCE = 3
"""Steps in a row without a usable loss, after which training can't come back by itself."""
LOST_LOSS = 40.0
"""Nats a token: three times what guessing costs with the largest vocabularies (ln 262,144 is 12.5)."""
RECENT = 20
"""Steps over which the speed is averaged."""


@dataclass(kw_only=True)
class Health:
    """Notices training that has no signal any more."""

    bad: int = 0
    lost: int = 0
    silent: int = 0
    last_gradient: float = math.nan

    def check(self, step: int, loss: float, gradient: float) -> None:
        """Take one step's figures.

        Raises ``TrainerProblem`` (diverged, noSignal).
        """
        self.bad = self.bad + 1 if not (math.isfinite(loss) and math.isfinite(gradient)) else 0
        self.lost = self.lost + 1 if loss > LOST_LOSS else 0
        silent = gradient == 0 or (loss == 0 and (self.silent == 0 or gradient == self.last_gradient))
        self.silent = self.silent + 1 if silent else 0
        self.last_gradient = gradient
        if self.bad >= PATIENCE:
            raise TrainerProblem(
                "diverged",
                f"Loss or gradient was no number in {PATIENCE} steps up to step {step} (loss {loss}, gradient norm "
                f"{gradient}). A lower learningRate or gradientClip helps; else look at the records of these steps.",
            )
        if self.lost >= PATIENCE:
            raise TrainerProblem(
                "diverged",
                f"The loss was above {LOST_LOSS:g} nats a token in {PATIENCE} steps up to step {step} (the last "
                f"{loss:.4g}): worse than guessing. A lower learningRate or gradientClip helps.",
            )
        if self.silent >= PATIENCE:
            raise TrainerProblem(
                "noSignal",
                f"The loss was {loss:g} and the gradient norm {gradient:g} in {PATIENCE} steps up to step {step}: "
                "no token carries loss, or nothing that is trained takes part in it.",
            )


@dataclass(kw_only=True)
class Speed:
    """Samples a second over the recent steps; evaluations and saves don't count."""

    batch_size: int
    durations: deque[float] = field(default_factory=lambda: deque(maxlen=RECENT))
    since: float = field(default_factory=time.perf_counter)

    def restart(self) -> None:
        """Begin to time a step."""
        self.since = time.perf_counter()

    def step_done(self) -> None:
        """End the step that was being timed."""
        self.durations.append(time.perf_counter() - self.since)

    @property
    def samples_per_second(self) -> float | None:
        """None before the first step."""
        return self.batch_size * len(self.durations) / sum(self.durations) if self.durations else None
