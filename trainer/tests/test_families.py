"""Every family of ``docs/models.md`` on the whole way: encoded, proved, adapted, frozen, trained, merged, resumed."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from anneal_trainer.files import read_json
from anneal_trainer.model_info import model_info
from tests.families import FAMILIES, Family
from tests.jobs import Warm, losses_of, make_job, pair_spec, record_of

NUM2WORDS = pytest.mark.skipif(
    find_spec("num2words") is None, reason="SmolVLM's processor in transformers wants the package num2words"
)


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=NUM2WORDS if name == "smolvlm" else ()) for name in FAMILIES]
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def family(name: str) -> Family:
    return FAMILIES[name]


@pytest.fixture(scope="module")
def model(warm: Warm, name: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp(name)
    warm.call("tests.inside_families:build", name, str(folder))
    return folder


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Records with one picture, two of different sizes, and none."""
    folder = tmp_path_factory.mktemp("families")
    (folder / "images").mkdir()
    sizes = {"wide.png": (96, 48), "tall.png": (48, 96), "square.png": (64, 64)}
    for number, (file, size) in enumerate(sizes.items()):
        Image.linear_gradient("L").resize(size).convert("RGB").rotate(90 * number).save(folder / "images" / file)
    records = [
        record_of("one", "Which way?", "Left to right.", "images/square.png"),
        record_of("two", "And these?", "Up", "images/wide.png"),
        record_of("none", "How many?", "42 of them", "images/tall.png"),
        record_of("tall", "Now?", "down", "images/tall.png"),
    ]
    records[1]["images"].append("images/tall.png")
    records[1]["messages"][0]["content"].insert(1, {"type": "image", "image": 1})
    records[2]["messages"][0]["content"].pop(0)
    for file in ("business", "generic", "validation"):
        (folder / f"{file}.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    return folder


@pytest.fixture(scope="module")
def facts(warm: Warm, name: str, model: Path, data: Path) -> dict[str, Any]:
    told: dict[str, Any] = warm.call("tests.inside_families:facts", name, str(model), str(data / "business.jsonl"))
    return told


def test_the_loss_is_on_the_answer_and_its_end_token_only(family: Family, facts: dict[str, Any]) -> None:
    assert len(facts["labels"]) == 4
    for record in facts["labels"]:
        assert record["labelled"] == family.lead + record["answer"] + family.end
        assert record["answer"] not in record["rest"]


def test_a_picture_has_as_many_tokens_as_features(facts: dict[str, Any]) -> None:
    told = facts["pictures"]
    assert told["tokens"] == told["features"]
    assert told["tokens"][2] == 0 and told["tokens"][1] > told["tokens"][3] > 0


def test_pictures_are_counted_before_anything_is_loaded_as_the_processor_counts_them(facts: dict[str, Any]) -> None:
    assert facts["counted"]["rule"] == facts["counted"]["processor"]


def test_a_run_is_told_how_its_pictures_are_counted(name: str, model: Path) -> None:
    told = model_info(model)
    assert ("patch" in told) is name.startswith("qwen")
    assert ("pictures" in told) is not name.startswith("qwen")
    assert told["contextTokens"] == 1024 and told["shape"]["layers"] == 2


def test_a_batch_of_pictures_and_text_means_what_its_records_mean_alone(facts: dict[str, Any]) -> None:
    assert facts["differences"]["labels"] == 0 and facts["differences"]["loss"] < 1e-4


def test_its_parts_are_found(family: Family, facts: dict[str, Any]) -> None:
    expected = {"language": family.language, "vision": family.vision, "projector": sorted(family.projector)}
    assert facts["parts"] == expected


def test_an_adapter_changes_all_of_the_language_model_and_nothing_else(family: Family, facts: dict[str, Any]) -> None:
    matrices, trained = facts["adapted"]["matrices"], facts["adapted"]["trained"]
    assert len(matrices) == family.adapted
    assert all(matrix.startswith(f"{family.language}.layers.") for matrix in matrices)
    assert any(".self_attn." in matrix for matrix in matrices) and any(".mlp." in matrix for matrix in matrices)
    assert all(".lora_" in weight and family.language in weight for weight in trained)


def test_what_is_frozen_is_not_trained(family: Family, facts: dict[str, Any]) -> None:
    for case in facts["frozen"]:
        trained = {part_of(family, weight) for weight in case["trained"]}
        assert {"vision", "projector", "language"} - trained == set(case["frozen"])


def test_a_bare_parameter_beside_tower_and_decoder_is_of_the_projector(facts: dict[str, Any]) -> None:
    assert facts["bare"] == {"vision": True, "projector": False, "language": True}


def part_of(family: Family, weight: str) -> str:
    if weight.startswith(family.projector):
        return "projector"
    return "vision" if weight.startswith(family.vision) else "language"


def test_the_probes_find_nothing_wrong_with_it(facts: dict[str, Any]) -> None:
    figures = facts["probes"]
    assert figures["notRun"] == []
    for probe, field in (("imageTokens", "equal"), ("labels", "exact"), ("template", "equal")):
        assert figures[probe][field] == figures[probe]["records"] == 4, figures[probe]
    groups = {group["name"]: group for group in figures["step"]["groups"]}
    assert groups.keys() == {"language", "projector", "vision"}
    assert all(group["moved"] > 0 for group in groups.values())


def test_two_attempts_train_what_one_does(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    whole = make_job(tmp_path / "whole", pair_spec(model, data))
    assert warm.run(whole) == 0, (whole / "log.txt").read_text()
    assert read_json(whole / "result.json")["changed"] and len(losses_of(whole)) == 4
    assert resumed_losses(warm, whole, tmp_path / "resumed") == later_losses(whole)


def test_a_trained_adapter_resumes_merges_and_answers_alike(
    warm: Warm, family: Family, model: Path, data: Path, tmp_path: Path
) -> None:
    whole = make_job(tmp_path / "whole", pair_spec(model, data, method="lora", lora={"rank": 4, "alpha": 64}))
    assert warm.run(whole) == 0, (whole / "log.txt").read_text()
    assert read_json(whole / "result.json")["changed"]
    assert resumed_losses(warm, whole, tmp_path / "resumed") == later_losses(whole)

    adapter, merged = whole / "checkpoints/checkpoint-4", tmp_path / "merged"
    assert warm.command("merge", "--model", model, "--adapter", adapter, "--out", merged) == 0
    beside = [str(path) for path in (model, adapter, merged, data / "validation.jsonl")]
    told = warm.call("tests.inside_families:merged_beside_adapter", *beside)
    assert len(told["changed"]) == family.adapted
    assert all(weight.startswith(family.language) for weight in told["changed"])
    assert told["adapter"] == told["merged"] and len(told["merged"].splitlines()) == 4


def later_losses(job: Path) -> dict[int, float]:
    return {step: loss for step, loss in losses_of(job).items() if step > 2}


def resumed_losses(warm: Warm, whole: Path, folder: Path) -> dict[int, float]:
    """The losses of another process that goes on from the checkpoint of step 2."""
    job = make_job(folder, read_json(whole / "spec.json"))
    shutil.copytree(whole / "checkpoints/checkpoint-2", job / "checkpoints/checkpoint-2")
    assert warm.run(job, attempt=2) == 0, (job / "log.txt").read_text()
    return losses_of(job)
