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

SPACE_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""EFBIG: ``ulimit -f``, or a file system whose files end at 4 GB."""
SPACE_WORDS = ("No space left on device", "Disk quota exceeded", "File too large", "inline_container.cc")
"""The last is torch's writer of archives: on a full disk it finds an ``unexpected pos``, no more (a small tmpfs)."""


class TrainerProblem(Exception):
    """A failure whose cause is known: the ``failed`` event carries both, and no other attempt mends it."""

    def __init__(self, cause: Cause, message: str) -> None:
        super().__init__(message)
        self.cause: Cause = cause


class Smaller(Exception):
    """Memory ran out in one of several processes, which can't take the step again alone: all start again."""

    def __init__(self, larger: int, smaller: int, said: str) -> None:
        super().__init__(said)
        self.larger, self.smaller = larger, smaller


class Interrupted(BaseException):
    """A signal came while nothing is worth saving. Not an ``Exception``, so that no library handles it as its own."""


def describe_failure(error: BaseException) -> tuple[Cause, str]:
    """The cause and a short message for any exception, by what raised it and what lies behind it."""
    for inner in _chain(error):
        if isinstance(inner, TrainerProblem):
            return inner.cause, str(inner)[:MESSAGE_LIMIT]
        if is_space(inner):
            return "space", f"No space is left on the disk: {inner}"[:MESSAGE_LIMIT]
        if is_memory(inner):
            return "memory", f"Out of memory; a smaller batchSize needs less: {inner}"[:MESSAGE_LIMIT]
    place = traceback.extract_tb(error.__traceback__)[-1:]
    where = f" ({place[0].filename.rsplit('/', 1)[-1]}:{place[0].lineno})" if place else ""
    return "internal", f"{type(error).__name__}: {error}"[:MESSAGE_LIMIT] + where


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def is_full_disk(error: BaseException) -> bool:
    """Whether a disk or a quota that is full, or a limit of a file's size, lies behind a failure to write."""
    return any(is_space(inner) for inner in _chain(error))


MEMORY_WORDS = ("out of memory", "can't allocate memory", "CUBLAS_STATUS_ALLOC_FAILED", "CUDNN_STATUS_ALLOC_FAILED")
"""Of the accelerator's libraries and of the CPU allocator."""


def is_space(error: BaseException) -> bool:
    """Whether this very error says that there is no room: on the disk, in a quota, for a file of this size."""
    if isinstance(error, OSError) and error.errno in SPACE_ERRORS:
        return True
    # safetensors and torch write from native code: the one keeps the system's words only, the other not even these.
    return any(words in str(error) for words in SPACE_WORDS)


def is_memory(error: BaseException) -> bool:
    """Whether memory ran out, of the accelerator (torch's own class) or of the machine (the CPU allocator's words)."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and any(words in text for words in MEMORY_WORDS)
