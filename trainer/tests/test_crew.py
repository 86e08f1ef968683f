"""One job in two processes: the steps of one, one writer, and an end together."""

import os
import signal
import time
from pathlib import Path

import pytest

from anneal_trainer.files import read_json
from tests.jobs import Warm, at_step, events_of, losses_of, make_job, spec_of, wait_for

TOLERANCE = 1e-4
"""Relative; gradients are summed in another order."""


def test_two_processes_take_the_steps_of_one_and_end_together_at_a_signal(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    # Batches of five: three and two samples, one of them filled up; the last is a smaller one.
    changes = {"precision": "float32", "batchSize": 5, "epochs": 2, "evaluationsPerEpoch": 0.5}
    alone = make_job(tmp_path / "alone", spec_of(model, data, **changes))
    assert warm.run(alone) == 0

    two = make_job(tmp_path / "two", spec_of(model, data, layout={"tensor": 1, "pipeline": 1, "data": 2}, **changes))
    first = warm.start(two)
    wait_for(two, at_step(two, 2), patience_seconds=240)
    others = children_of(first.pid)
    for pid in (first.pid, *others):  # as a signal to the process group does
        os.kill(pid, signal.SIGTERM)
    assert first.wait() == 0, (two / "log.txt").read_text()
    assert len(others) == 1 and not any(Path(f"/proc/{pid}").exists() for pid in others)
    (interrupted,) = events_of(two, "interrupted")
    assert read_json(two / f"checkpoints/checkpoint-{interrupted['step']}/whole.json")["files"]["rng_state_1.pth"] > 0

    assert warm.run(two, attempt=2) == 0, (two / "log.txt").read_text()
    assert [event["step"] for event in events_of(two, "step")] == [1, 2, 3, 4, 5], "each step written once"
    assert losses_of(two) == pytest.approx(losses_of(alone), rel=TOLERANCE)
    for ours, theirs in zip(events_of(two, "evaluation"), events_of(alone, "evaluation"), strict=True):
        assert ours["losses"] == pytest.approx(theirs["losses"], rel=TOLERANCE)
        assert ours["exact"] == theirs["exact"]
    result = read_json(two / "result.json")
    assert result["steps"] == 5 and result["changed"]


def test_memory_that_runs_out_in_one_of_two_processes_starts_both_again_with_less(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    spec = spec_of(model, data, layout={"tensor": 1, "pipeline": 1, "data": 2}, epochs=1, microBatchSize=2)
    job = make_job(tmp_path, spec)
    process = warm.fork("tests.inside:train_in_little_memory_of_rank_1", [str(job)], job / "log.txt")
    assert process.wait() == 0, (job / "log.txt").read_text()
    (event,) = events_of(job, "memory")
    assert (event["from"], event["to"]) == (2, 1)
    assert [started["microBatchSize"] for started in events_of(job, "started")] == [2, 1]
    assert events_of(job)[-1]["event"] == "finished" and read_json(job / "result.json")["attempts"] == 1


def test_a_process_that_is_killed_ends_the_attempt_with_its_name(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, layout={"tensor": 1, "pipeline": 1, "data": 2}))
    first = warm.start(job)
    wait_for(job, at_step(job, 1), patience_seconds=240)
    (other,) = children_of(first.pid)
    begun = time.monotonic()
    os.kill(other, signal.SIGKILL)
    assert first.wait() == 1
    assert time.monotonic() - begun < 120
    (failed,) = events_of(job, "failed")
    assert "rank 1 ended with signal 9" in failed["message"]


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
