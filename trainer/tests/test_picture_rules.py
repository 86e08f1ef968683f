"""The tokens of a picture: as the real processors count them, and by which keys of a configuration."""

import json
from pathlib import Path
from typing import Any

import pytest

from anneal_trainer.picture_rules import picture_rule
from anneal_trainer.picture_tokens import Fixed, Grid, Patches, PictureRule, Tiles
from anneal_trainer.problems import TrainerProblem

COUNTED = Path(__file__).parents[2] / "test/fixtures/image-tokens"
"""What the real processors count: the Qwen-VL family in ``tokens.json``, others in ``families.json``."""

INTERNVL = {"image_processor_type": "GotOcr2ImageProcessorFast", "size": {"height": 448, "width": 448}}
GEMMA = {"image_processor_type": "Gemma3ImageProcessor", "size": {"height": 896, "width": 896}}
SMOLVLM = {"image_processor_type": "SmolVLMImageProcessor", "size": {"longest_edge": 2048}}


def rule_from(model: dict[str, Any]) -> PictureRule:
    """The rule that tells itself so."""
    told = model.get("pictures")
    if told is None:
        limits = {"minimum_pixels": model["minimumPixels"], "maximum_pixels": model["maximumPixels"]}
        return Patches(patch=model["patch"], merge=model["merge"], **limits)
    if told["kind"] == "fixed":
        return Fixed(each=told["tokens"], marks=told["marks"])
    if told["kind"] == "grid":
        return Grid(longest_side=told["longestSide"], tile=told["tile"], each=told["tokens"])
    tile = {"width": told["width"], "height": told["height"], "each": told["tokens"]}
    return Tiles(least=told["minimumTiles"], most=told["maximumTiles"], **tile)


@pytest.mark.parametrize("file", ["tokens.json", "families.json"])
def test_a_picture_has_the_tokens_that_its_real_processor_counts(file: str) -> None:
    cases = json.loads((COUNTED / file).read_text())
    assert len(cases) > 400
    for case in cases:
        rule = rule_from(case["model"])
        assert rule.told() == case["model"]
        assert rule.tokens(case["width"], case["height"]) == case["tokens"], case


def folder_of(path: Path, family: str, images: dict[str, Any], **processor: Any) -> Path:
    """A folder as hubs have it: the part for pictures in a file of its own."""
    (path / "config.json").write_text(json.dumps({"model_type": family, "vision_config": {"patch_size": 14}}))
    (path / "preprocessor_config.json").write_text(json.dumps(images))
    (path / "processor_config.json").write_text(json.dumps({"processor_class": "A", **processor}))
    return path


@pytest.mark.parametrize(
    ("family", "images", "processor", "rule"),
    [
        (
            "internvl",
            {**INTERNVL, "crop_to_patches": False, "max_patches": 6},
            {"image_seq_length": 256},
            Tiles(width=448, height=448, least=1, most=6, each=256),
        ),
        ("internvl", INTERNVL, {}, Tiles(width=448, height=448, least=1, most=12, each=256)),
        ("gemma3", {**GEMMA, "do_pan_and_scan": None}, {"image_seq_length": 64}, Fixed(each=64, marks=6)),
        (
            "smolvlm",
            {**SMOLVLM, "max_image_size": {"longest_edge": 512}},
            {"image_seq_len": 64},
            Grid(longest_side=2048, tile=512, each=64),
        ),
        ("smolvlm", {**SMOLVLM, "do_image_splitting": False}, {"image_seq_len": 64}, Fixed(each=64, marks=3)),
    ],
)
def test_a_family_s_rule_is_read_from_its_processor(
    tmp_path: Path, family: str, images: dict[str, Any], processor: dict[str, Any], rule: PictureRule
) -> None:
    assert picture_rule(folder_of(tmp_path, family, images, **processor)) == rule


@pytest.mark.parametrize(
    ("family", "images", "says"),
    [
        ("llava", {}, 'model_type "llava"'),
        ("gemma3", {"image_processor_type": "Gemma4ImageProcessor"}, "image_processor_type is 'Gemma4ImageProcessor'"),
        ("internvl", {**INTERNVL, "max_patches": "many"}, "max_patches is 'many'"),
        ("internvl", {**INTERNVL, "size": {"longest_edge": 448}}, "without width"),
        ("smolvlm", {**SMOLVLM, "do_resize": False}, "do_resize is false"),
        ("smolvlm", {**SMOLVLM, "max_image_size": 512}, "max_image_size is 512"),
    ],
)
def test_what_can_t_be_counted_is_refused_by_its_key(
    tmp_path: Path, family: str, images: dict[str, Any], says: str
) -> None:
    with pytest.raises(TrainerProblem, match="can't count the tokens of its pictures") as refusal:
        picture_rule(folder_of(tmp_path, family, images))
    assert says in str(refusal.value)


def test_patches_cut_by_another_processor_are_not_counted_like_those_of_qwen(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "glm4v", {"image_processor_type": "Glm4vImageProcessor"})
    vision = {"patch_size": 14, "spatial_merge_size": 2}
    (folder / "config.json").write_text(json.dumps({"model_type": "glm4v", "vision_config": vision}))
    with pytest.raises(TrainerProblem, match="Glm4vImageProcessor"):
        picture_rule(folder)
