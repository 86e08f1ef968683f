"""How a model counts its pictures, by the configurations in its folder. Nothing is loaded.

A key that a configuration leaves out has the default of transformers.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anneal_trainer.configurations import read_configuration
from anneal_trainer.picture_tokens import Fixed, Grid, Patches, PictureRule, Tiles
from anneal_trainer.problems import TrainerProblem


@dataclass(frozen=True, kw_only=True)
class Processor:
    """What a folder says of its processor: ``texts`` of the whole, ``images`` of the part that reads pictures."""

    file: Path
    texts: dict[str, Any]
    images: dict[str, Any]

    def fault(self, what: str) -> TrainerProblem:
        """The refusal of what the part for pictures says."""
        return TrainerProblem("model", f"{self.file} says {what}: Anneal can't count the tokens of its pictures.")

    def count(self, holder: dict[str, Any], key: str, default: int) -> int:
        """A number above 0.

        Raises ``TrainerProblem`` (model).
        """
        value = default if holder.get(key) is None else holder[key]
        if isinstance(value, int) and value > 0:
            return value
        raise self.fault(f"that {key} is {value!r}")

    def edge(self, key: str, edge: str, default: int) -> int:
        """An edge of a size in pixels, such as ``longest_edge`` of ``size``.

        Raises ``TrainerProblem`` (model).
        """
        size = {edge: default} if self.images.get(key) is None else self.images[key]
        if isinstance(size, dict) and edge in size:
            return self.count(size, edge, default)
        raise self.fault(f"that {key} is {size!r}, without {edge}")

    def switch(self, key: str, default: bool) -> bool:
        """A setting that is on or off; null is the default."""
        value = self.images.get(key)
        return default if value is None else bool(value)


def picture_rule(folder: Path) -> PictureRule:
    """The rule of a folder's model.

    Raises ``TrainerProblem`` (model) that names the key by which the family, or its way with pictures, is not known.
    """
    config, processor = read_configuration(folder, "config.json"), _processor(folder)
    family, kind = str(config.get("model_type")), processor.images.get("image_processor_type")
    vision = config.get("vision_config") or {}
    patch, merge = vision.get("patch_size"), vision.get("spatial_merge_size")
    if family in FAMILIES:
        known, rule = FAMILIES[family]
    elif isinstance(patch, int) and isinstance(merge, int):
        known, rule = "Qwen2", lambda of: _patches(of, patch, merge)
    else:
        raise TrainerProblem(
            "model",
            f'{folder}/config.json has the model_type "{family}": Anneal can\'t count the tokens of its pictures. '
            f"It can for {', '.join(FAMILIES)}, and where vision_config has patch_size and spatial_merge_size (Qwen).",
        )
    if kind is not None and not str(kind).startswith(known):
        raise processor.fault(f"that image_processor_type is {kind!r}, not {known}…")
    return rule(processor)


def _processor(folder: Path) -> Processor:
    """Transformers looks for the part for pictures in the file of the whole first, then in one of its own."""
    texts = _if_there(folder, "processor_config.json")
    own = texts.get("image_processor")
    if isinstance(own, dict):
        return Processor(file=folder / "processor_config.json", texts=texts, images=own)
    images = _if_there(folder, "preprocessor_config.json")
    return Processor(file=folder / "preprocessor_config.json", texts=texts, images=images)


def _if_there(folder: Path, name: str) -> dict[str, Any]:
    return read_configuration(folder, name) if (folder / name).exists() else {}


def _patches(of: Processor, patch: int, merge: int) -> Patches:
    size = of.images.get("size") or {}
    minimum = of.images.get("min_pixels") or size.get("shortest_edge")
    maximum = of.images.get("max_pixels") or size.get("longest_edge")
    if isinstance(minimum, int) and isinstance(maximum, int):
        return Patches(patch=patch, merge=merge, minimum_pixels=minimum, maximum_pixels=maximum)
    folder = of.file.parent
    raise TrainerProblem("model", f"{folder} has no processor configuration that says how large its pictures are.")


def _internvl(of: Processor) -> PictureRule:
    """Its processor has tiles cut whatever ``crop_to_patches`` says."""
    each = of.count(of.texts, "image_seq_length", 256)
    least, most = of.count(of.images, "min_patches", 1), of.count(of.images, "max_patches", 12)
    width, height = of.edge("size", "width", 384), of.edge("size", "height", 384)
    return Tiles(width=width, height=height, least=least, most=most, each=each)


def _gemma3(of: Processor) -> PictureRule:
    """Its processor has nothing cropped whatever ``do_pan_and_scan`` says. Marks: two, and two line breaks a side."""
    return Fixed(each=of.count(of.texts, "image_seq_length", 256), marks=6)


def _smolvlm(of: Processor) -> PictureRule:
    if not of.switch("do_resize", True):
        raise of.fault("that do_resize is false")
    each = of.count(of.texts, "image_seq_len", 169)
    if not of.switch("do_image_splitting", True):
        return Fixed(each=each, marks=3)
    longest = of.edge("size", "longest_edge", 4 * 364)
    return Grid(longest_side=longest, tile=of.edge("max_image_size", "longest_edge", 364), each=each)


FAMILIES: dict[str, tuple[str, Callable[[Processor], PictureRule]]] = {
    "internvl": ("GotOcr2ImageProcessor", _internvl),
    "gemma3": ("Gemma3ImageProcessor", _gemma3),
    "smolvlm": ("SmolVLMImageProcessor", _smolvlm),
}
"""By ``model_type``: how the name of the image processor begins, and the rule by its configuration."""
