"""Trackers are told what events.jsonl says; one that is not installed is refused.

Those with a tracker's name run where it is installed: trainer/trackers.lock.
"""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from anneal_trainer.trackers import TRACKERS, Tracked, installed_trackers, set_up_trackers
from tests.jobs import Warm, at_step, events_of, losses_of, make_job, spec_of, wait_for

KEY = "boost-digits.1a2b3c4d/sweep/rate-1"


def needs(tracker: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(tracker not in installed_trackers(), reason=f"{tracker} is not installed")


def evaluations_of(job: Path, name: str) -> dict[int, float]:
    return {event["step"]: event["losses"][name] for event in events_of(job, "evaluation")}


def killed_and_resumed(warm: Warm, job: Path) -> None:
    first = warm.start(job)
    wait_for(job, at_step(job, 5))  # the last checkpoint is of step 4
    first.kill(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    assert warm.run(job, attempt=2) == 0, (job / "log.txt").read_text()


def by_number(curve: dict[str, list[float]]) -> dict[int, list[float]]:
    """Steps, which JSON made texts of."""
    return {int(step): values for step, values in curve.items()}


def test_a_tracker_that_is_not_installed_is_refused_with_the_page_that_says_how(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    missing = [name for name in TRACKERS if name not in installed_trackers()]
    if not missing:
        pytest.fail("every tracker is installed here: take one out of the trainer's environment")
    job = make_job(tmp_path, spec_of(model, data, trackers=missing))
    assert warm.run(job) == 1
    (failed,) = events_of(job)
    assert ", ".join(missing) in failed["message"] and "docs/trackers.md" in failed["message"]


def test_every_step_and_evaluation_reaches_the_tracker(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    """With a stand-in for MLflow that writes down what is asked of it, so that it runs without the package."""
    job = make_job(tmp_path, spec_of(model, data, epochs=1, trackers=["mlflow"], key=KEY))
    assert warm.call("tests.inside:train_with_stand_in_tracker", str(job)) == 0
    calls = [json.loads(line) for line in (job / "trackers/calls.jsonl").read_text().splitlines()]
    assert calls[0] == {"uri": f"sqlite:///{job / 'trackers/mlflow.db'}"} and {"run": KEY} in calls
    assert {call["step"]: call["loss"] for call in calls if "loss" in call} == losses_of(job)
    told = {call["step"]: call["eval_validation_loss"] for call in calls if "eval_validation_loss" in call}
    assert told == evaluations_of(job, "validation")
    epochs = {call["step"]: call["epoch"] for call in calls if "loss" in call}
    assert epochs == {event["step"]: event["epoch"] for event in events_of(job, "step")}
    assert calls[-1] == {"ended": "FINISHED"}


def test_a_tracker_that_is_gone_does_not_cost_the_training(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, epochs=1, trackers=["mlflow"], key=KEY))
    assert warm.call("tests.inside:train_with_stand_in_tracker", str(job), 2) == 0
    assert events_of(job)[-1]["event"] == "finished"
    calls = [json.loads(line) for line in (job / "trackers/calls.jsonl").read_text().splitlines()]
    assert max(call["step"] for call in calls if "step" in call) == 1
    assert calls[-1] == {"ended": "KILLED"}


def test_a_run_is_gone_on_with_in_the_same_place_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith(("MLFLOW_", "WANDB_", "TRACKIO_", "TENSORBOARD_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    monkeypatch.setattr("anneal_trainer.trackers.installed_trackers", lambda: list(TRACKERS))
    tracked: Tracked = set_up_trackers(("mlflow",), tmp_path / "trackers", KEY)
    assert tracked.mlflow_run() is None
    tracked.keep_mlflow_run("abc")
    set_up_trackers(("mlflow",), tmp_path / "trackers", KEY)
    assert os.environ.pop("MLFLOW_RUN_ID") == "abc"
    os.environ["MLFLOW_TRACKING_URI"] = "http://127.0.0.1:5000"
    set_up_trackers(("mlflow",), tmp_path / "trackers", KEY)
    assert "MLFLOW_RUN_ID" not in os.environ


def test_jobs_that_share_a_folder_of_tensorboard_have_one_each_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tracked = Tracked(names=("tensorboard",), key=KEY, labels={}, folder=tmp_path)
    monkeypatch.delenv("TENSORBOARD_LOGGING_DIR", raising=False)
    assert tracked.tensorboard == tmp_path / "tensorboard"
    monkeypatch.setenv("TENSORBOARD_LOGGING_DIR", "/curves")
    assert tracked.tensorboard == Path("/curves") / KEY


@needs("tensorboard")
def test_tensorboard_shows_every_step_of_a_killed_job_once(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, trackers=["tensorboard"], key=KEY))
    killed_and_resumed(warm, job)
    told: dict[str, Any] = warm.call("tests.inside_trackers:tensorboard_curves", str(job / "trackers/tensorboard"))
    for tag, wanted in {
        "train/loss": losses_of(job),
        "train/epoch": {event["step"]: event["epoch"] for event in events_of(job, "step")},
        "eval/validation_loss": evaluations_of(job, "validation"),
        "eval/generic_loss": evaluations_of(job, "generic"),
    }.items():
        curve = {step: value for step, value in by_number(told[tag]).items() if step in wanted}
        assert curve == {step: [pytest.approx(value, rel=1e-6)] for step, value in wanted.items()}, tag


@needs("mlflow")
def test_mlflow_has_one_run_of_a_killed_job_with_every_figure(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, spec_of(model, data, trackers=["mlflow"], key=KEY))
    killed_and_resumed(warm, job)
    (run,) = warm.call("tests.inside_trackers:mlflow_runs", f"sqlite:///{job / 'trackers/mlflow.db'}")
    assert (run["experiment"], run["name"], run["status"]) == ("anneal", KEY, "FINISHED")
    assert run["tags"]["anneal.run"] == "boost-digits.1a2b3c4d" and run["tags"]["anneal.training"] == "sweep/rate-1"
    for name, wanted in {
        "loss": losses_of(job),
        "eval_validation_loss": evaluations_of(job, "validation"),
        "eval_generic_loss": evaluations_of(job, "generic"),
    }.items():
        curve = by_number(run["curves"][name])
        # A step that was trained twice stands there twice, with the same figure.
        assert {step: set(values) for step, values in curve.items()} == {step: {it} for step, it in wanted.items()}


@needs("mlflow")
def test_mlflow_has_the_figures_of_a_job_that_failed(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    job = make_job(tmp_path, spec_of(model, data, trackers=["mlflow"], learningRate=1e30, key=KEY))
    assert warm.run(job) == 1
    (run,) = warm.call("tests.inside_trackers:mlflow_runs", f"sqlite:///{job / 'trackers/mlflow.db'}")
    assert run["status"] == "FAILED"
    assert set(by_number(run["curves"]["loss"])) == set(losses_of(job))
