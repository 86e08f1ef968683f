"""What averages of a base and its tuned form score (R12)."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anneal_trainer.files import read_json
from anneal_trainer.spec import SCHEMAS
from tests.jobs import Warm, make_job, spec_of


def measured(warm: Warm, folder: Path, training: dict[str, Any], tuned: Path, *shares: float) -> dict[float, Any]:
    """The figures by share, by the command line, checked against their schema."""
    folder.mkdir(parents=True, exist_ok=True)
    spec = {"schema": "anneal.averages/1", "training": training, "base": training["model"], "shares": shares}
    (folder / "spec.json").write_text(json.dumps(spec | {"tuned": str(tuned)}))
    code = warm.command("averages", "--spec", folder / "spec.json", "--out", folder / "figures.json")
    assert code == 0, (warm._folder / "command.txt").read_text()
    figures = read_json(folder / "figures.json")
    Draft202012Validator(read_json(SCHEMAS / "averagesFigures.schema.json")).validate(figures)
    return {each["share"]: each for each in figures["averages"]}


def evaluations(job: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (job / "events.jsonl").read_text().splitlines()]
    return [line for line in lines if line["event"] == "evaluation"]


def assert_same(found: dict[str, Any], evaluation: dict[str, Any], job: Path) -> None:
    for name, loss in evaluation["losses"].items():
        assert found["losses"][name] == pytest.approx(loss, abs=1e-4)
        assert found["exact"][name] == evaluation["exact"][name]
    items = read_json(job / evaluation["itemLosses"])
    for name, losses in items.items():
        assert found["itemLosses"][name] == pytest.approx(losses, abs=1e-4)


def test_the_ends_score_as_the_training_said_of_them(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    tuned = undisturbed / "checkpoints/checkpoint-12"
    found = measured(warm, tmp_path, spec_of(model, data), tuned, 0.5, 0.9)
    assert list(found) == [1, 0.9, 0.5, 0]
    first, *_, last = evaluations(undisturbed)
    assert_same(found[0], first, undisturbed)
    assert_same(found[1], last, undisturbed)
    assert found[0]["losses"]["validation"] != pytest.approx(found[1]["losses"]["validation"], abs=0.1)


def test_an_average_scores_as_the_model_that_interpolate_writes(
    warm: Warm, model: Path, data: Path, undisturbed: Path, tmp_path: Path
) -> None:
    tuned = undisturbed / "checkpoints/checkpoint-12"
    training = spec_of(model, data, precision="float32")  # bfloat16 would round both once more
    found = measured(warm, tmp_path / "by-share", training, tuned, 0.9, 0.4)
    parts = ("--model", model, "--tuned", tuned, "--share", "0.4", "--out", tmp_path / "written")
    assert warm.command("interpolate", *parts) == 0
    written = measured(warm, tmp_path / "of-written", training, tmp_path / "written", 0.5)
    assert written[1]["losses"] == pytest.approx(found[0.4]["losses"], abs=1e-4)


def test_the_average_of_an_adapter_scores_as_the_adapter_that_is_written(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    training = spec_of(model, data, method="lora", learningRate=3e-2, epochs=1)
    job = make_job(tmp_path / "job", training)
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    adapter = job / "checkpoints/checkpoint-3"
    found = measured(warm, tmp_path / "by-share", training, adapter, 0.5)
    assert_same(found[0], evaluations(job)[0], job)
    assert_same(found[1], evaluations(job)[-1], job)
    parts = ("--model", model, "--tuned", adapter, "--share", "0.5", "--out", tmp_path / "half")
    assert warm.command("interpolate", *parts) == 0
    half = measured(warm, tmp_path / "of-half", training, tmp_path / "half", 0.5)
    assert half[1]["losses"] == pytest.approx(found[0.5]["losses"], abs=1e-4)


def test_a_share_out_of_bounds_is_refused(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    spec = {"schema": "anneal.averages/1", "training": spec_of(model, data), "base": str(model), "tuned": str(model)}
    (tmp_path / "spec.json").write_text(json.dumps(spec | {"shares": [1.5]}))
    assert warm.command("averages", "--spec", tmp_path / "spec.json", "--out", tmp_path / "out.json") == 2
    assert not (tmp_path / "out.json").exists()
