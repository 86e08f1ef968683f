"""Settings of a mixture of experts (R10): really changed, saved, merged and served; refused for a dense model."""

import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from anneal_trainer.files import read_json
from tests.jobs import Warm, events_of, losses_of, make_job, pair_spec, record_of

EXPERTS, OWN = 4, 2
"""Experts in a layer of the tiny model, and how many of them see a token by its own configuration."""


@pytest.fixture(scope="module")
def model(warm: Warm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experts")
    warm.call("tests.inside_families:build", "qwen3_vl_moe", str(folder))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("experts-data")
    (folder / "images").mkdir()
    Image.linear_gradient("L").resize((64, 64)).convert("RGB").save(folder / "images" / "one.png")
    records = [record_of(name, f"{name}?", answer, "images/one.png") for name, answer in (("a", "Up"), ("b", "Down"))]
    for file in ("business", "validation"):
        (folder / f"{file}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


def trained(warm: Warm, job: Path) -> Path:
    """The last checkpoint of a job."""
    assert warm.run(job) == 0, (job / "log.txt").read_text()
    return job / "checkpoints/checkpoint-2"


def routed(warm: Warm, folder: Path, adapter: Path | None, data: Path) -> dict[str, Any]:
    beside = str(adapter) if adapter else None
    told: dict[str, Any] = warm.call("tests.inside_experts:routed", str(folder), beside, str(data / "business.jsonl"))
    return told


def as_many(count: int) -> dict[str, Any]:
    return {"seen": [count], "says": count, "active": count}


def test_so_many_experts_see_each_token_and_the_checkpoint_says_so(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    assert routed(warm, model, None, data) == as_many(OWN)
    losses = {}
    for active in (1, 3):
        job = make_job(tmp_path / str(active), pair_spec(model, data, experts={"active": active, "routerLoss": 0}))
        checkpoint = trained(warm, job)
        losses[active] = losses_of(job)[1]
        assert read_json(checkpoint / "config.json")["text_config"]["num_experts_per_tok"] == active
        assert routed(warm, checkpoint, None, data) == as_many(active)
        averaged = tmp_path / f"average-{active}"
        assert warm.command(*interpolation(model, checkpoint, averaged)) == 0
        assert routed(warm, averaged, None, data) == as_many(active)
    assert losses[1] != losses[3]


def interpolation(base: Path, tuned: Path, out: Path) -> tuple[str | Path, ...]:
    return ("interpolate", "--model", base, "--tuned", tuned, "--share", "0.5", "--out", out)


def test_an_adapter_is_resumed_merged_and_averaged_with_as_many_experts_as_it_was_trained_with(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    lora = {"method": "lora", "lora": {"rank": 4, "alpha": 64}}
    adapter = trained(warm, make_job(tmp_path / "one", pair_spec(model, data, experts={"active": 3}, **lora)))
    assert routed(warm, model, adapter, data) == as_many(3)
    # A later stage names the adapter alone.
    later = trained(warm, make_job(tmp_path / "two", pair_spec(adapter, data, **lora)))
    assert routed(warm, model, later, data) == as_many(3)
    merged, averaged = tmp_path / "merged", tmp_path / "averaged"
    assert warm.command("merge", "--model", model, "--adapter", adapter, "--out", merged) == 0
    assert routed(warm, merged, None, data) == as_many(3)
    assert warm.command(*interpolation(model, adapter, averaged)) == 0
    assert routed(warm, model, averaged, data) == as_many(3)


@pytest.mark.parametrize("method", ["full", "lora"])
def test_a_rung_goes_on_as_if_it_had_never_stopped(
    warm: Warm, model: Path, data: Path, tmp_path: Path, method: str
) -> None:
    asked = pair_spec(model, data, method=method, experts={"active": 3, "routerLoss": 0.1})
    whole = make_job(tmp_path / "whole", asked)
    trained(warm, whole)
    below = make_job(tmp_path / "below", asked | {"untilEpoch": 1})
    assert warm.run(below) == 0, (below / "log.txt").read_text()
    reached = (below / "checkpoints/checkpoint-1").as_uri()
    above = make_job(tmp_path / "above", asked | {"key": "above", "continues": reached})
    trained(warm, above)
    assert losses_of(above)[2] == losses_of(whole)[2]


@pytest.mark.parametrize("active", [OWN, 3])
def test_the_loss_of_the_router_is_added_at_its_coefficient(
    warm: Warm, model: Path, data: Path, tmp_path: Path, active: int
) -> None:
    first = {}
    for coefficient in (0.0, 0.25, 1.0):
        experts = {"active": active, "routerLoss": coefficient}
        job = make_job(tmp_path / str(coefficient), pair_spec(model, data, experts=experts))
        text = read_json(trained(warm, job) / "config.json")["text_config"]
        assert text["router_aux_loss_coef"] == coefficient
        first[coefficient] = losses_of(job)[1]
    alone = warm.call("tests.inside_experts:router_loss", str(model), str(data / "business.jsonl"), active)
    assert first[0.25] - first[0.0] == pytest.approx(0.25 * alone, abs=1e-3)
    assert first[1.0] - first[0.0] == pytest.approx(alone, abs=1e-3)


@pytest.mark.parametrize(
    ("family", "experts", "says"),
    [
        ("qwen3_vl", {"active": 2}, "Qwen3VLForConditionalGeneration has no experts"),
        ("qwen3_vl", {"routerLoss": 0}, "Qwen3VLForConditionalGeneration has no experts"),
        ("qwen3_vl_moe", {"active": EXPERTS + 1}, f"experts.active is {EXPERTS + 1}, and Qwen3VLMoeForConditional"),
    ],
)
def test_what_the_model_does_not_have_is_refused_by_name(
    warm: Warm, data: Path, tmp_path: Path, family: str, experts: dict[str, Any], says: str
) -> None:
    warm.call("tests.inside_families:build", family, str(tmp_path / "model"))
    job = make_job(tmp_path / "job", pair_spec(tmp_path / "model", data, experts=experts))
    assert warm.run(job) == 1
    (failed,) = events_of(job, "failed")
    assert failed["cause"] == "model" and says in failed["message"]
