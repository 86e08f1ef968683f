"""Real jobs for tests: made scenes as record files, a tiny model, and the trainer as a process."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tiny_vlm.scenes import Item, scene_item

TRAINER = Path(__file__).parents[1]
PATIENCE_SECONDS = 60


def write_records(path: Path, count: int, *, seed: int, make: Callable[[random.Random], Item] = scene_item) -> Path:
    rng = random.Random(seed)
    images = path.parent / "images"
    images.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(count):
        item = make(rng)
        name = f"images/{path.stem}-{number}.png"
        item.image.save(path.parent / name)
        lines.append(json.dumps(record_of(f"{path.stem}-{number}", item.question, item.answer, name)) + "\n")
    path.write_text("".join(lines))
    return path


def record_of(name: str, question: str, answer: str, image: str) -> dict[str, Any]:
    return {
        "id": name,
        "group": name,
        "images": [image],
        "messages": [
            {"role": "user", "content": [{"type": "image", "image": 0}, {"type": "text", "text": question}]},
            {"role": "assistant", "content": [{"type": "text", "text": answer}]},
        ],
    }


def spec_of(model: Path, data: Path, **changes: Any) -> dict[str, Any]:
    """Twelve steps of four samples, shifted and phrased; an evaluation and a checkpoint every two."""
    spec = {
        "schema": "anneal.training/1",
        "key": "test",
        "model": str(model),
        "train": {
            "business": {"uri": (data / "business.jsonl").as_uri(), "phrasings": ["{question}", "Say: {question}"]},
            "generic": {"uri": (data / "generic.jsonl").as_uri()},
            "mix": {"business": 2, "generic": 1},
        },
        "evaluate": {
            "validation": {"uri": (data / "validation.jsonl").as_uri()},
            "generic": {"uri": (data / "validation.jsonl").as_uri(), "limit": 3},
        },
        "learningRate": 1e-3,
        "epochs": 4,
        "batchSize": 4,
        "evaluationsPerEpoch": 1.5,
        "augment": {"shiftPixels": 6},
    }
    return spec | changes


def make_job(folder: Path, spec: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spec.json").write_text(json.dumps(spec))
    return folder


@dataclass(frozen=True)
class Started:
    """A trainer that was started."""

    pid: int
    warm: "Warm"

    def wait(self) -> int:
        return self.warm.ask({"wait": self.pid})

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)


class Warm:
    """Starts trainers by fork, from a process that has the imports behind it (tests/warm.py)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.warm"],
            cwd=TRAINER,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._calls = 0

    def ask(self, request: dict[str, Any]) -> int:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin and self._process.stdout
        self._process.kill()  # its shutdown takes seconds and does nothing for us
        self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()

    def start(self, job: Path, attempt: int = 1) -> Started:
        arguments = ["run", str(job), "--attempt", str(attempt)]
        return Started(self._fork("tests.warm:trainer", [arguments], job / "log.txt"), self)

    def fork(self, target: str, arguments: list[Any], log: Path) -> Started:
        """Run a function in a fork that may replace itself by another program."""
        return Started(self._fork(target, arguments, log), self)

    def run(self, job: Path, attempt: int = 1) -> int:
        return self.start(job, attempt).wait()

    def command(self, *arguments: str | Path) -> int:
        log = self._folder / "command.txt"
        return Started(self._fork("tests.warm:trainer", [[str(item) for item in arguments]], log), self).wait()

    def call(self, target: str, *arguments: Any) -> Any:
        """Run a function in a fork; its result."""
        log = self._folder / f"call-{self._calls}.txt"
        pid = self._fork(target, list(arguments), log)
        code = Started(pid, self).wait()
        assert code == 0, log.read_text()
        return json.loads(self._answer().read_text())

    def _fork(self, target: str, arguments: list[Any], log: Path) -> int:
        self._calls += 1
        answer = str(self._answer())
        return self.ask({"target": target, "arguments": arguments, "log": str(log), "answer": answer})

    def _answer(self) -> Path:
        return self._folder / f"answer-{self._calls}.json"


def events_of(job: Path, *kinds: str) -> list[dict[str, Any]]:
    path = job / "events.jsonl"
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    events = [json.loads(line) for line in lines if line.endswith("\n")]
    return [event for event in events if not kinds or event["event"] in kinds]


def losses_of(job: Path) -> dict[int, float]:
    """Loss by step; of a step that came twice the later attempt counts."""
    return {event["step"]: event["loss"] for event in events_of(job, "step")}


def wait_for(job: Path, condition: Callable[[], bool], patience_seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until the condition holds; fails with the log when it takes too long."""
    until = time.monotonic() + patience_seconds
    while not condition():
        if time.monotonic() > until:
            log = job / "log.txt"
            raise AssertionError(f"It did not come: {log.read_text() if log.exists() else ''}")
        time.sleep(0.002)


def at_step(job: Path, step: int) -> Callable[[], bool]:
    return lambda: any(event["step"] >= step for event in events_of(job, "step"))


def pair_spec(model: Path, data: Path, **changes: Any) -> dict[str, Any]:
    """Two epochs of the files ``business`` and ``validation`` in batches of two, a checkpoint an epoch."""
    return spec_of(
        model,
        data,
        train={"business": {"uri": (data / "business.jsonl").as_uri()}, "mix": {"business": 1, "generic": 0}},
        evaluate={"validation": {"uri": (data / "validation.jsonl").as_uri()}},
        epochs=2,
        batchSize=2,
        evaluationsPerEpoch=1,
        augment={"shiftPixels": 0},
        learningRate=1e-2,
        **changes,
    )
