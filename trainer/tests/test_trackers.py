"""Trackers are handed through to transformers' own integrations; one that is not installed is refused."""

import json
from pathlib import Path

import pytest

from anneal_trainer.trackers import TRACKERS, installed_trackers
from tests.jobs import Warm, events_of, losses_of, make_job, spec_of


def test_a_tracker_that_is_not_installed_is_refused_with_the_command_that_installs_it(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    missing = [name for name in TRACKERS if name not in installed_trackers()]
    if not missing:
        pytest.fail("every tracker is installed here: take one out of the trainer's environment")
    job = make_job(tmp_path, spec_of(model, data, trackers=missing))
    assert warm.run(job) == 1
    (failed,) = events_of(job)
    assert f"python -m pip install {' '.join(missing)}" in failed["message"]


def test_every_step_reaches_the_tracker(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    """With a stand-in for MLflow that writes down what transformers' integration asks of it."""
    job = make_job(tmp_path, spec_of(model, data, epochs=1, trackers=["mlflow"]))
    assert warm.call("tests.inside:train_with_stand_in_tracker", str(job)) == 0
    calls = [json.loads(line) for line in (job / "trackers/calls.jsonl").read_text().splitlines()]
    assert calls[0] == {"uri": (job / "trackers/mlflow").as_uri()} and {"run": "test"} in calls
    told = {call["step"]: call["loss"] for call in calls if "loss" in call}
    assert told == losses_of(job)
