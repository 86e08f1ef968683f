"""Failures as the ``failed`` event names them."""

import errno
import traceback
from collections.abc import Iterator
from typing import Literal

Cause = Literal[
    "data",
    "model",
    "memory",
    "space",
    "diverged",
    "noSignal",
    "keysDiffer",
    "adapterMatchesNothing",
    "adapterOfAnotherBase",
    "checkpointBroken",
    "mergedEqualsBase",
    "resumeTrainedNothing",
    "endedEarly",
    "internal",
]

MESSAGE_LIMIT = 1500
"""Characters of a message: it travels through a workflow's history."""


class TrainerProblem(Exception):
    """A failure whose cause is known: the ``failed`` event carries both, and no other attempt mends it."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Cause = cause


class Interrupted(BaseException):
    """A signal came while nothing is worth saving. Not an ``Exception``, so that no library handles it as its own."""


def describe_failure(error: BaseException) -> tuple[Cause, str]:
    """The cause and a short message for any exception, by what raised it and what lies behind it."""
    for inner in _chain(error):
        if isinstance(inner, TrainerProblem):
            return inner.cause, str(inner)[:MESSAGE_LIMIT]
        if _is_space(inner):
            return "space", f"No space is left on the disk: {inner}"[:MESSAGE_LIMIT]
        if _is_memory(inner):
            return "memory", f"Out of memory; a smaller batchSize needs less: {inner}"[:MESSAGE_LIMIT]
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({place[0].filename.rsplit('/', 1)[-1]}:{place[0].lineno})" if place else ""
    return "internal", f"{type(error).__name__}: {error}"[:MESSAGE_LIMIT] + where


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_space(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    # safetensors and torch write from native code and keep the system's words only.
    return "No space left on device" in str(error) or "Disk quota exceeded" in str(error)


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in text or "can't allocate memory" in text)
