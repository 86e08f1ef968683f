"""``events.jsonl``: one JSON line an event, appended, never rewritten."""

import json
import math
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from anneal_trainer.files import read_objects, trim_last_line

FIELDS: dict[str, type | tuple[type, ...]] = {"event": str, "time": (int, float), "attempt": int, "step": int}
BEGUN = time.time() - time.monotonic()


def steady_time() -> float:
    """Seconds since 1970 by the clock at this process's beginning: setting it later makes no training longer."""
    return BEGUN + time.monotonic()


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events in a file; what is none is passed over."""
    return list(read_objects(path, FIELDS))


class EventLog:
    """Appends the events of one attempt. A line is flushed at once and synced where losing it would cost work."""

    def __init__(self, path: Path, attempt: int, clock: Callable[[], float] = steady_time) -> None:
        self.cut_off = trim_last_line(path)
        self.earlier = read_events(path) if path.exists() else []
        self._attempt = attempt
        self._clock = clock
        self._stream: TextIO = path.open("a", encoding="utf-8")
        self._one_at_a_time = threading.Lock()
        self._silent = False

    def fall_silent(self) -> None:
        """This process writes no event from now on: another one does."""
        self._silent = True

    def write(self, event: str, *, sync: bool = False, **fields: Any) -> None:
        """Append one event; numbers that JSON lacks become null."""
        if self._silent:
            return
        line = {"event": event, "time": self._clock(), "attempt": self._attempt, **fields}
        text = json.dumps(_finite(line), ensure_ascii=False, allow_nan=False) + "\n"
        with self._one_at_a_time:
            self._stream.write(text)
            self._stream.flush()
            if sync:
                os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Nothing more will be written."""
        self._stream.close()

    def evaluated_steps(self) -> set[int]:
        """Steps that an earlier attempt has evaluated."""
        return {line["step"] for line in self.earlier if line["event"] == "evaluation"}


def _finite(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(inner) for name, inner in value.items()}
    return value
