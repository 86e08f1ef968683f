"""Micro-batches that fit: memory that runs out halves them, and the same step is taken again."""

import gc
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch

from anneal_trainer.problems import Smaller, TrainerProblem, is_memory

Item = TypeVar("Item")
Result = TypeVar("Result")

OnSmaller = Callable[[int, int, str], None]
"""Told of a micro-batch that did not fit: its size, the size tried next, and what the allocator said."""


class MicroBatches:
    """How many samples go through the model at once. The optimizer's batch stays, gradients accumulate up to it."""

    def __init__(self, size: int, *, on_smaller: OnSmaller, alone: bool = True) -> None:
        self.size = size
        self._on_smaller = on_smaller
        self._alone = alone

    def portions(self, items: Sequence[Item]) -> list[Sequence[Item]]:
        """The samples of a step, in their order, by micro-batch."""
        return [items[start : start + self.size] for start in range(0, len(items), self.size)]

    def until_it_fits(self, compute: Callable[[], Result], undo: Callable[[], None]) -> Result:
        """The result of ``compute``, taken again with half the micro-batch each time that memory runs out.

        ``undo`` removes what a broken-off try left; random states are put back, so that a step which is taken again
        draws the same numbers.

        Raises ``TrainerProblem`` (memory) when one sample at a time is too much, and ``Smaller`` where other processes
        take part, which wait in the middle of the step.
        """
        while True:
            states = _random_states()
            try:
                return compute()
            except Exception as error:
                if not is_memory(error):
                    raise
                said = str(error).strip().split("\n")[0]
            # The error is gone here, and with it its frames, which held the tensors of the try.
            undo()
            _put_back(states)
            release_memory()
            self._make_smaller(said)

    def _make_smaller(self, said: str) -> None:
        if self.size == 1:
            raise TrainerProblem(
                "memory",
                "Out of memory with one sample at a time. Fewer pixels a picture, shorter texts, gradientCheckpointing "
                f"'on', method 'lora' or a larger device need less: {said}",
            )
        larger, self.size = self.size, (self.size + 1) // 2
        if not self._alone:
            raise Smaller(larger, self.size, said)
        self._on_smaller(larger, self.size, said)


def release_memory() -> None:
    """Give back what no tensor uses any more."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def untouched(model: torch.nn.Module) -> Iterator[None]:
    """Put random states, buffers and gradients back afterwards; weights are the caller's care."""
    states = _random_states()
    buffers = {name: buffer.clone() for name, buffer in model.named_buffers()}
    try:
        yield
    finally:
        model.zero_grad()
        with torch.no_grad():
            for name, buffer in model.named_buffers():
                buffer.copy_(buffers[name])
        _put_back(states)


def room_for_moments(model: torch.nn.Module) -> list[torch.Tensor]:
    """What AdamW will keep from the first step on, two numbers a trained weight, taken beforehand."""
    return [torch.empty_like(item) for item in model.parameters() if item.requires_grad for _ in range(2)]


def _random_states() -> tuple[Any, ...]:
    cuda = torch.cuda.get_rng_state() if torch.cuda.is_initialized() else None  # type: ignore[no-untyped-call]
    return random.getstate(), np.random.get_state(), torch.get_rng_state(), cuda


def _put_back(states: tuple[Any, ...]) -> None:
    own, numpy, cpu, cuda = states
    random.setstate(own)
    np.random.set_state(numpy)
    torch.set_rng_state(cpu)
    if cuda is not None:
        torch.cuda.set_rng_state(cuda)
