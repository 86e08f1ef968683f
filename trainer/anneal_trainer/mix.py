"""The order of all samples of a job, laid out before it starts: exact by count, the same on every attempt."""

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

WINDOW = 50
"""Batches whose samples are sorted together, as in transformers' sampler by length."""

Kind = Literal["business", "generic"]
Sample = tuple[Kind, int]
"""Which pool, and which of its records."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Every sample in the order of training, and what follows from their number.

    One long pass over ``order`` is trained, so that an attempt that resumes at step s skips exactly
    s * ``batch_size`` samples. An epoch is a pass over the business records; batches may straddle its end. A job that
    ends at ``until_epoch`` has the order, the warm-up and the schedule of the whole: another one can go on from it.
    """

    order: tuple[Sample, ...]
    business: int
    generic: int
    batch_size: int
    evaluations_per_epoch: float
    until_epoch: float | None = None

    @property
    def steps_per_epoch(self) -> float:
        """Optimizer steps an epoch, not rounded: ``epoch = step / steps_per_epoch``."""
        return (self.business + self.generic) / self.batch_size

    @property
    def total_steps(self) -> int:
        """Optimizer steps of the whole job; the last batch may be a smaller one."""
        return math.ceil(len(self.order) / self.batch_size)

    @property
    def last_step(self) -> int:
        """Where the job ends: at ``until_epoch``, after one step at least, or with the whole."""
        if self.until_epoch is None:
            return self.total_steps
        return min(self.total_steps, max(1, rounded(self.until_epoch * self.steps_per_epoch)))

    @property
    def evaluation_steps(self) -> frozenset[int]:
        """0, the end, and each step nearest to a multiple of the interval between."""
        interval = self.steps_per_epoch / self.evaluations_per_epoch
        count = math.floor(self.last_step / interval)
        between = {min(rounded(point * interval), self.last_step) for point in range(count + 1)}
        return frozenset(between | {0, self.last_step})

    def seen(self, steps: int) -> tuple[Sample, ...]:
        """The samples of the first ``steps`` steps."""
        return self.order[: steps * self.batch_size]

    def distinct(self, steps: int) -> dict[Kind, int]:
        """How many different records those steps have used, by pool."""
        used = set(self.seen(steps))
        business = sum(1 for kind, _ in used if kind == "business")
        return {"business": business, "generic": len(used) - business}


def rounded(value: float) -> int:
    """Halves go up: Python's own rounding would give 2 generic samples for 2.5 and 4 for 3.5."""
    return math.floor(value + 0.5)


@dataclass(frozen=True, kw_only=True)
class Pools:
    """How many records there are, and the parts of business to generic samples (R12)."""

    business: int
    generic: int
    mix: tuple[float, float]

    @property
    def generic_an_epoch(self) -> int:
        """Generic samples of one epoch: the business records times the ratio."""
        return rounded(self.business * self.mix[1] / self.mix[0]) if self.generic else 0


def plan(
    pools: Pools,
    *,
    epochs: float,
    batch_size: int,
    evaluations_per_epoch: float,
    seed: int,
    length: Callable[[Sample], float] | None = None,
    until_epoch: float | None = None,
) -> Plan:
    """Lay out all epochs; part of an epoch takes the same part of both pools.

    With a ``length`` the batches of an epoch hold samples of similar lengths.
    """
    stream = _generic_stream(pools.generic, seed)
    order: list[Sample] = []
    for epoch in range(math.ceil(epochs)):
        part = min(1.0, epochs - epoch)
        shuffle = random.Random(f"{seed}:epoch:{epoch}")
        business = shuffle.sample(range(pools.business), rounded(pools.business * part))
        samples: list[Sample] = [("business", index) for index in business]
        samples += [("generic", next(stream)) for _ in range(rounded(pools.generic_an_epoch * part))]
        shuffle.shuffle(samples)
        if length is not None:
            samples = grouped(samples, batch_size, length, taken=len(order), shuffle=shuffle)
        order += samples
    return Plan(
        order=tuple(order),
        business=pools.business,
        generic=pools.generic_an_epoch,
        batch_size=batch_size,
        evaluations_per_epoch=evaluations_per_epoch,
        until_epoch=until_epoch,
    )


def grouped(
    samples: list[Sample], batch_size: int, length: Callable[[Sample], float], *, taken: int, shuffle: random.Random
) -> list[Sample]:
    """The samples of an epoch in batches of similar lengths, the batches in random order.

    Sorted in windows only, so that who meets whom still differs from epoch to epoch. ``taken`` samples come before
    this epoch; what shares a batch with them, or with the next epoch, stays as it was shuffled.
    """
    first = min(-taken % batch_size, len(samples))
    last = first + (len(samples) - first) // batch_size * batch_size
    batches: list[list[Sample]] = []
    for start in range(first, last, WINDOW * batch_size):
        window = sorted(samples[start : min(start + WINDOW * batch_size, last)], key=length)
        batches += [window[at : at + batch_size] for at in range(0, len(window), batch_size)]
    shuffle.shuffle(batches)
    return [*samples[:first], *(sample for batch in batches for sample in batch), *samples[last:]]


def _generic_stream(count: int, seed: int) -> Iterator[int]:
    """The pool in random order, again and again: none comes twice before all came once."""
    for turn in range(2**31):
        yield from random.Random(f"{seed}:generic:{turn}").sample(range(count), count)
