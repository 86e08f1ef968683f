"""The probe ladder: a sound set-up gives sound figures, and a planted fault shows in the figure named for it."""

import json
import math
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from anneal_trainer.files import read_json
from anneal_trainer.spec import SCHEMAS
from tests.jobs import TRAINER, Warm, spec_of, write_records
from tiny_vlm.scenes import Item, scene_item


def probed(warm: Warm, folder: Path, spec: dict[str, Any], **asked: Any) -> dict[str, Any]:
    """The figures by the command line, checked against their schema."""
    folder.mkdir(parents=True, exist_ok=True)
    document = {"schema": "anneal.probe/1", "stage": "start", "records": 8, "training": spec} | asked
    (folder / "probe.json").write_text(json.dumps(document))
    code = warm.command("probe", "--spec", folder / "probe.json", "--out", folder / "figures.json")
    assert code == 0, (warm._folder / "command.txt").read_text()
    figures: dict[str, Any] = read_json(folder / "figures.json")
    Draft202012Validator(read_json(SCHEMAS / "probeFigures.schema.json")).validate(figures)
    return figures


def group(figures: dict[str, Any], name: str) -> dict[str, Any]:
    return next(each for each in figures["step"]["groups"] if each["name"] == name)


def test_a_sound_training_has_sound_figures(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    figures = probed(warm, tmp_path, spec_of(model, data))
    assert figures["notRun"] == [] and figures["items"] is None
    for name, field in (("imageTokens", "equal"), ("labels", "exact"), ("template", "equal")):
        assert figures[name][field] == figures[name]["records"] == 8 and figures[name]["ids"] == []
    # This model was never trained, so it knows nothing; its folder is whole.
    assert figures["start"]["entropy"] == pytest.approx(figures["start"]["uniform"], rel=0.05)
    assert figures["start"]["missingWeights"] == figures["start"]["ignoredWeights"] == 0
    for name in ("language", "projector", "vision"):
        told = group(figures, name)
        assert told["trainable"] == told["tensors"] == told["moved"] > 0 and told["still"] == 0
        assert told["gradientNorm"] > 0
    assert 1e-5 < figures["step"]["relativeUpdate"] < 0.5


def test_an_adapter_leaves_the_rest_frozen(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    figures = probed(warm, tmp_path, spec_of(model, data, method="lora"))
    assert group(figures, "adapter")["trainable"] > 0 and group(figures, "adapter")["moved"] > 0
    for name in ("language", "projector", "vision"):
        assert group(figures, name)["trainable"] == group(figures, name)["moved"] == 0


def test_a_template_that_thinks_before_it_answers_only_when_served_shows(
    warm: Warm, model: Path, data: Path, tmp_path: Path
) -> None:
    thinking = tmp_path / "model"
    shutil.copytree(model, thinking)
    template = thinking / "chat_template.jinja"
    template.write_text(
        template.read_text().replace("assistant\\n' }}{%- endif", "assistant\\n<think>\\n' }}{%- endif")
    )
    figures = probed(warm, tmp_path, spec_of(thinking, data))
    assert figures["template"]["equal"] == 0 and len(figures["template"]["ids"]) == 8
    assert "<think>" in figures["template"]["first"]


def test_weights_that_the_folder_lacks_are_counted(warm: Warm, model: Path, data: Path, tmp_path: Path) -> None:
    lacking = tmp_path / "model"
    shutil.copytree(model, lacking)
    renamed = warm.call("tests.inside:rename_tensors", str(lacking), "merger", "bridge")
    start = probed(warm, tmp_path, spec_of(lacking, data))["start"]
    assert start["missingWeights"] == start["ignoredWeights"] == renamed > 0


@pytest.mark.parametrize(
    ("fault", "field"),
    [("wholeConversation", "extra"), ("allMasked", "empty"), ("answerCutOff", "cut"), ("imageCutOff", "error")],
)
def test_faults_of_the_collation_show(warm: Warm, model: Path, data: Path, fault: str, field: str) -> None:
    figures = warm.call("tests.inside:probe_collation", str(model), str(data / "business.jsonl"), fault)
    if field == "error":
        assert figures["imageTokens"]["error"] or figures["imageTokens"]["equal"] == 0
        assert figures["labels"] is None and figures["notRun"] == ["labels", "template", "start", "step"]
        return
    assert figures["labels"]["exact"] == 0 and figures["labels"][field] == figures["labels"]["records"]
    assert figures["start"] is None and figures["step"] is None and figures["labels"]["first"]


def test_a_step_shows_frozen_parts_and_rates_that_move_nothing(warm: Warm, model: Path, data: Path) -> None:
    arguments = (str(model), str(data / "business.jsonl"))
    frozen = warm.call("tests.inside:probe_step", *arguments, "visual", 1e-3)
    parts = {each["name"]: each for each in frozen["groups"]}
    assert parts["vision"]["trainable"] == parts["vision"]["moved"] == 0 < parts["language"]["moved"]
    slow = warm.call("tests.inside:probe_step", *arguments, "", 1e-9)
    assert slow["relativeUpdate"] < 1e-6
    whole = warm.call("tests.inside:probe_step", *arguments, ".", 1e-3)
    assert all(each["trainable"] == 0 for each in whole["groups"]) and whole["relativeUpdate"] == 0


def unknown_item(rng: random.Random) -> Item:
    """A picture that the embedded model knows, with the answer to another."""
    return replace(scene_item(rng), answer=scene_item(rng).answer)


def test_eight_records_are_learnt_at_a_rate_that_works_only(warm: Warm, tmp_path: Path) -> None:
    data = tmp_path / "data"
    for name in ("business", "generic", "validation"):
        write_records(data / f"{name}.jsonl", 8, seed=1, make=unknown_item)
    embedded = TRAINER / "tiny_vlm" / "model"
    asked = {"stage": "trained", "checkpoint": str(embedded), "maximumTokens": 24, "overfit": {"steps": 30}}
    sound = probed(warm, tmp_path / "sound", spec_of(embedded, data, learningRate=1e-3), **asked)
    assert len(sound["overfit"]) == 1 and sound["overfit"][0]["right"] == sound["overfit"][0]["records"]
    assert sound["overfit"][0]["loss"] < 0.02 and sound["notRun"] == []
    slow = probed(warm, tmp_path / "slow", spec_of(embedded, data, learningRate=1e-6), **asked)["overfit"]
    assert [round(each["factor"], 1) for each in slow[:3]] == [1, 0.1, 10]
    assert slow[-1]["right"] == 8 > slow[0]["right"] and slow[-1]["learningRate"] > 5e-5


def test_items_of_a_checkpoint_hold_what_was_served(warm: Warm, data: Path, tmp_path: Path) -> None:
    answers = tmp_path / "answers.jsonl"
    lines = [{"id": f"business-{n}", "given": "a", "score": n % 2, "outcome": "answered"} for n in range(6)]
    answers.write_text("".join(json.dumps(line) + "\n" for line in lines))
    embedded = TRAINER / "tiny_vlm" / "model"
    spec = spec_of(embedded, data, learningRate=1e-3)
    figures = probed(warm, tmp_path, spec, stage="trained", checkpoint=str(embedded), answers=str(answers))
    assert [item["id"] for item in figures["items"]] == [line["id"] for line in lines]
    for item in figures["items"]:
        assert item["served"] == "a" and item["picture"]["tokens"] == 16 and item["picture"]["side"] == 128
        assert all(math.isfinite(item[name]["loss"]) for name in ("shuffled", "blank"))
