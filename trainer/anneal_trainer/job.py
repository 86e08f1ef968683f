"""The job folder: its lock, its files and what they say of earlier attempts."""

import fcntl
import json
import math
import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from anneal_trainer.checkpoints import CheckpointFolder
from anneal_trainer.events import read_events
from anneal_trainer.files import read_json, read_objects, trim_last_line, write_json
from anneal_trainer.mix import Plan


class JobFolder:
    """Paths of one job. One process at a time works in it: the lock's holder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec = path / "spec.json"
        self.events = path / "events.jsonl"
        self.items = path / "items"
        self.result = path / "result.json"
        self.stop = path / "stop.json"
        self.trackers = path / "trackers"
        self._attempts = path / "attempts.jsonl"
        self._lock: int | None = None

    @property
    def checkpoints(self) -> CheckpointFolder:
        """The folder of checkpoints."""
        return CheckpointFolder(self.path / "checkpoints", key=self._key)

    @cached_property
    def _key(self) -> str | None:
        """None where there is no spec, or none that can be read: reading it in earnest says what is wrong."""
        try:
            return str(read_json(self.spec)["key"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def take_lock(self) -> bool:
        """Take the lock for the life of this process; false when another one holds it. The system frees it at death."""
        handle = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        self._lock = handle
        return True

    def lock_holder(self) -> str:
        """The process id that the lock's holder wrote, for a message."""
        return (self.path / "lock").read_text() or "unknown"

    def begin_attempt(self, attempt: int, started_at: float) -> None:
        """Say who works here, and keep when each attempt began."""
        self.items.mkdir(exist_ok=True)
        self.checkpoints.path.mkdir(exist_ok=True)
        write_json(self.path / "pid.json", {"pid": os.getpid(), "startedAt": started_at, "attempt": attempt})
        trim_last_line(self._attempts)
        with self._attempts.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({"attempt": attempt, "pid": os.getpid(), "startedAt": started_at}) + "\n")

    def write_items(self, step: int, attempt: int, losses: Mapping[str, Mapping[str, float | None]]) -> str:
        """Write the per-item losses of one evaluation; returns the name that its event carries."""
        name = f"items/{step}-{attempt}.json"
        write_json(self.path / name, losses)
        return name

    def write_result(self, *, key: str, step: int, plan: Plan) -> None:
        """Write ``result.json``, the last file of a job, from the events and the whole checkpoints."""
        events = read_events(self.events)
        starts = list(read_objects(self._attempts, {"attempt": int, "startedAt": (int, float)}))
        whole = self.checkpoints.whole()
        train, wall = _seconds(events, starts)
        result: dict[str, Any] = {
            "schema": "anneal.result/1",
            "key": key,
            "steps": step,
            "stopped": step < plan.last_step,
            "samplesSeen": len(plan.seen(step)),
            "rowsTrained": plan.distinct(step),
            "changed": bool(whole) and whole[-1].changed,
            "checkpoints": [{"step": item.step, "uri": item.path.resolve().as_uri()} for item in whole],
            "trainSeconds": train,
            "wallSeconds": wall,
            "attempts": max(line["attempt"] for line in starts),
        }
        write_json(self.result, result)


def _seconds(events: list[dict[str, Any]], starts: list[dict[str, Any]]) -> tuple[float, float]:
    """Seconds of training (from ``started``) and in all (from the process's start), over all attempts.

    An attempt that was killed ends with its last event.
    """
    train = wall = 0.0
    for start in starts:
        again = [other["startedAt"] for other in starts if other["attempt"] == start["attempt"]]
        end = min((other for other in again if other > start["startedAt"]), default=math.inf)
        own = [
            line for line in events if line["attempt"] == start["attempt"] and start["startedAt"] <= line["time"] < end
        ]
        if not own:
            continue
        last = max(line["time"] for line in own)
        wall += last - start["startedAt"]
        train += sum(last - line["time"] for line in own if line["event"] == "started")
    return round(train, 3), round(wall, 3)
