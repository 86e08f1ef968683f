"""Training on preferences: DPO against the checkpoint that it starts from (R3)."""

import json
import math
import signal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anneal_trainer.files import read_json
from anneal_trainer.spec import SCHEMAS
from tests.jobs import Warm, at_step, events_of, losses_of, make_job, spec_of, wait_for


def write_pairs(source: Path, target: Path, *, count: int | None = None) -> Path:
    """The records of a file, each with a wrong answer beside its own."""
    records = [json.loads(line) for line in source.read_text().splitlines()][:count]
    lines = [json.dumps(record | {"rejected": "nothing at all"}) + "\n" for record in records]
    target.write_text("".join(lines))
    return target


@pytest.fixture(scope="module")
def pairs(data: Path) -> Path:
    write_pairs(data / "generic.jsonl", data / "pairs-held-out.jsonl")
    return write_pairs(data / "business.jsonl", data / "pairs.jsonl")


def preference_spec(start: Path, data: Path, *, reference: Path | None = None, **changes: Any) -> dict[str, Any]:
    """Eight steps of four pairs; an evaluation and a checkpoint every two."""
    spec = spec_of(start, data) | {
        "train": {"business": {"uri": (data / "pairs.jsonl").as_uri()}, "mix": {"business": 1, "generic": 0}},
        "evaluate": {
            "validation": {"uri": (data / "validation.jsonl").as_uri()},
            "preferences": {"uri": (data / "pairs-held-out.jsonl").as_uri()},
        },
        "method": "dpo",
        "preferences": {"reference": (reference or start).as_uri(), "sftWeight": 0.2},
        "learningRate": 3e-4,
        "evaluationsPerEpoch": 1,
        "augment": {"shiftPixels": 0},
    }
    return spec | changes


@pytest.fixture(scope="module")
def tuned(undisturbed: Path) -> Path:
    return undisturbed / "checkpoints/checkpoint-12"


@pytest.fixture(scope="module")
def aligned(warm: Warm, tuned: Path, data: Path, pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a job that ran to its end without a disturbance."""
    job = make_job(tmp_path_factory.mktemp("aligned"), preference_spec(tuned, data))
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    return job


def figures_of(job: Path) -> list[dict[str, float]]:
    return [event["preferences"] for event in events_of(job, "evaluation")]


def test_before_the_first_step_model_and_reference_are_one(aligned: Path) -> None:
    first = figures_of(aligned)[0]
    assert abs(first["loss"] - math.log(2)) < 1e-6
    assert (first["margin"], first["accuracy"], first["pairs"]) == (0, 0, 6)
    step = events_of(aligned, "step")[0]
    assert step["loss"] > math.log(2), "the loss on chosen answers comes on top"


def test_pairs_are_learnt_mostly_by_what_is_rejected(aligned: Path) -> None:
    first, last = figures_of(aligned)[0], figures_of(aligned)[-1]
    assert last["loss"] < first["loss"] and last["accuracy"] == 1 and last["margin"] > 0
    assert first["rejected"] - last["rejected"] > 10 * abs(first["chosen"] - last["chosen"])
    assert set(events_of(aligned, "evaluation")[-1]["losses"]) == {"validation", "preferences"}


def test_events_and_result_meet_the_contract(aligned: Path) -> None:
    schema = Draft202012Validator(read_json(SCHEMAS / "event.schema.json"))
    for event in events_of(aligned):
        schema.validate(event)
    result = read_json(aligned / "result.json")
    assert (result["steps"], result["rowsTrained"]) == (8, {"business": 8, "generic": 0})
    assert result["changed"] and not result["stopped"]


def test_the_base_as_reference_is_told_at_step_0(
    warm: Warm, model: Path, tuned: Path, data: Path, pairs: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, preference_spec(tuned, data, reference=model))
    assert warm.run(job) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "model" and "ln 2" in failed["message"] and model.name in failed["message"]
    assert not events_of(job, "step")


def test_after_a_kill_the_next_attempt_goes_on_with_the_same_figures(
    warm: Warm, tuned: Path, data: Path, aligned: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, preference_spec(tuned, data))
    first = warm.start(job)
    wait_for(job, at_step(job, 3))
    first.kill(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    assert warm.run(job, attempt=2) == 0, (job / "log.txt").read_text()
    assert events_of(job, "started")[1]["step"] > 0
    assert losses_of(job) == losses_of(aligned)
    assert figures_of(job)[-1] == figures_of(aligned)[-1]


def test_a_stop_file_ends_it_with_a_checkpoint(
    warm: Warm, tuned: Path, data: Path, pairs: Path, tmp_path: Path
) -> None:
    job = make_job(tmp_path, preference_spec(tuned, data, epochs=200))
    started = warm.start(job)
    wait_for(job, at_step(job, 3))
    (job / "stop.json").write_text(json.dumps({"how": "checkpoint", "why": "a test"}))
    started.kill(signal.SIGTERM)
    assert started.wait() == 0
    result = read_json(job / "result.json")
    assert result["stopped"] and result["checkpoints"][-1]["step"] == result["steps"]


def test_an_adapter_is_compared_with_itself_and_not_with_its_base(
    warm: Warm, model: Path, data: Path, pairs: Path, tmp_path: Path
) -> None:
    supervised = make_job(tmp_path / "lora", spec_of(model, data, method="lora", learningRate=3e-2, epochs=1))
    assert warm.run(supervised) == 0, (supervised / "log.txt").read_text()
    adapter = supervised / "checkpoints/checkpoint-3"

    job = make_job(tmp_path / "aligned", preference_spec(adapter, data, learningRate=3e-3))
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    first, last = figures_of(job)[0], figures_of(job)[-1]
    assert abs(first["loss"] - math.log(2)) < 1e-6 and last["loss"] < first["loss"]
    merged = tmp_path / "merged"
    assert warm.command("merge", "--model", model, "--adapter", job / "checkpoints/checkpoint-8", "--out", merged) == 0

    wrong = make_job(tmp_path / "wrong", preference_spec(adapter, data, reference=model))
    assert warm.run(wrong) == 1
    assert "ln 2" in events_of(wrong, "failed")[0]["message"]

    resumed = make_job(tmp_path / "resumed", preference_spec(adapter, data, learningRate=3e-3))
    killed = warm.start(resumed)
    wait_for(resumed, at_step(resumed, 3))
    killed.kill(signal.SIGKILL)
    killed.wait()
    assert warm.run(resumed, attempt=2) == 0, (resumed / "log.txt").read_text()
    assert losses_of(resumed) == losses_of(job)


def test_a_fresh_adapter_on_a_whole_checkpoint_is_compared_with_that(
    warm: Warm, tuned: Path, data: Path, pairs: Path, tmp_path: Path
) -> None:
    spec = preference_spec(tuned, data, learningRate=1e-2)
    spec["preferences"]["trains"] = "lora"
    job = make_job(tmp_path, spec)
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    first, last = figures_of(job)[0], figures_of(job)[-1]
    assert abs(first["loss"] - math.log(2)) < 1e-6 and last["loss"] < first["loss"]
    assert events_of(job, "started")[0]["trainableParameters"] < 1_000_000


@pytest.mark.parametrize(
    ("change", "says"),
    [({"rejected": None}, "no rejected answer"), ({"rejected": " same "}, "the same answer chosen and rejected")],
)
def test_a_record_that_is_no_pair_is_named(
    warm: Warm, tuned: Path, data: Path, pairs: Path, tmp_path: Path, change: dict[str, Any], says: str
) -> None:
    records = [json.loads(line) for line in pairs.read_text().splitlines()]
    records[1] |= change
    records[1]["messages"][-1]["content"][0]["text"] = "same"
    if records[1]["rejected"] is None:
        del records[1]["rejected"]
    odd = data / f"odd-{says[:2]}.jsonl"
    odd.write_text("".join(json.dumps(record) + "\n" for record in records))
    spec = preference_spec(tuned, data)
    spec["train"]["business"]["uri"] = odd.as_uri()
    job = make_job(tmp_path, spec)
    assert warm.run(job) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "data" and says in failed["message"] and records[1]["id"] in failed["message"]


def test_one_answer_under_two_pictures_is_told_apart_by_them(
    warm: Warm, tuned: Path, data: Path, pairs: Path, tmp_path: Path
) -> None:
    records = [json.loads(line) for line in pairs.read_text().splitlines()]
    others = {record["id"]: other["images"] for record, other in zip(records, records[1:] + records[:1], strict=True)}
    for name in ("pairs.jsonl", "pairs-held-out.jsonl"):
        lines = []
        for line in (data / name).read_text().splitlines():
            record = json.loads(line)
            rejected = record["messages"][-1]["content"][0]["text"]
            images = others.get(record["id"], records[0]["images"])
            lines.append(json.dumps(record | {"rejected": rejected, "rejectedImages": images}) + "\n")
        (data / f"pictured-{name}").write_text("".join(lines))
    spec = preference_spec(tuned, data, learningRate=1e-3, epochs=16, evaluationsPerEpoch=1 / 16)
    spec["preferences"] |= {"beta": 1, "sftWeight": 0}
    spec["train"]["business"]["uri"] = (data / "pictured-pairs.jsonl").as_uri()
    spec["evaluate"]["preferences"]["uri"] = (data / "pictured-pairs.jsonl").as_uri()
    job = make_job(tmp_path, spec)
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    first, last = figures_of(job)[0], figures_of(job)[-1]
    assert abs(first["loss"] - math.log(2)) < 1e-6 and first["chosen"] != first["rejected"]
    assert last["loss"] < 0.5 and last["accuracy"] > 0.7


def test_dpo_without_held_out_pairs_is_refused(warm: Warm, tuned: Path, data: Path, tmp_path: Path) -> None:
    spec = preference_spec(tuned, data)
    del spec["evaluate"]["preferences"]
    job = make_job(tmp_path, spec)
    assert warm.run(job) == 1
    assert "held-out set" in events_of(job, "failed")[0]["message"]
