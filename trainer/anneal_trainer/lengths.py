"""How long a row will be, by the size of its pictures and texts: a guess that encodes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from anneal_trainer.checkpoints import ADAPTER
from anneal_trainer.files import read_json
from anneal_trainer.model_info import picture_limits
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row

CHARACTERS_A_TOKEN = 4
PIXELS_A_TOKEN = 28 * 28
"""Where the model's configuration does not say it: a patch of 14 pixels, merged 2 by 2."""


@dataclass(frozen=True, kw_only=True)
class Length:
    """Characters of all texts, and tokens of all pictures."""

    characters: int
    picture_tokens: float

    @property
    def tokens(self) -> float:
        """All tokens of the row, roughly."""
        return self.picture_tokens + self.characters / CHARACTERS_A_TOKEN


@dataclass(frozen=True, kw_only=True)
class PictureSizes:
    """How a model counts pictures: the area that a token covers and the areas between which pictures are scaled."""

    pixels_a_token: int = PIXELS_A_TOKEN
    minimum: int = 0
    maximum: int | None = None

    def tokens(self, width: int, height: int) -> float:
        """Tokens of one picture, not rounded."""
        area = max(self.minimum, width * height)
        return (area if self.maximum is None else min(area, self.maximum)) / self.pixels_a_token


def picture_sizes(model: Path) -> PictureSizes:
    """As the folder's configuration says (that of the base, for an adapter); where it doesn't, pictures as they are."""
    try:
        if (model / ADAPTER).exists():
            model = Path(read_json(model / ADAPTER)["base_model_name_or_path"])
        vision = read_json(model / "config.json")["vision_config"]
        minimum, maximum = picture_limits(model)
        pixels = (vision["patch_size"] * vision["spatial_merge_size"]) ** 2
    except (OSError, ValueError, KeyError, TypeError, TrainerProblem):
        return PictureSizes()
    return PictureSizes(pixels_a_token=pixels, minimum=minimum, maximum=maximum)


def length_of(row: Row, sizes: PictureSizes) -> Length:
    """The length of a row.

    Raises ``TrainerProblem`` (data) for a picture without a readable header.
    """
    asked = sum(len(part.get("text", "")) for message in row.prompt for part in message["content"])
    return Length(
        characters=asked + max(len(row.answer), len(row.rejected or "")),
        picture_tokens=sum(sizes.tokens(*_size_of(path)) for path in row.images),
    )


def heaviest_steps(lengths: Sequence[Length], batch_size: int) -> list[int]:
    """Up to three steps (from 0) of samples with these lengths: most text, most pictures, most of both.

    All samples of a batch are padded to its longest, so the longest text counts for all of them.
    """
    batches = [lengths[start : start + batch_size] for start in range(0, len(lengths), batch_size)]
    steps = range(len(batches))
    by_text = max(steps, key=lambda step: len(batches[step]) * max(item.characters for item in batches[step]))
    by_pictures = max(steps, key=lambda step: sum(item.picture_tokens for item in batches[step]))
    by_tokens = max(steps, key=lambda step: len(batches[step]) * max(item.tokens for item in batches[step]))
    return sorted({by_text, by_pictures, by_tokens})


def _size_of(path: Path) -> tuple[int, int]:
    try:
        with Image.open(path) as image:
            return image.size
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise TrainerProblem("data", f"{path} can't be read as a picture: {error}") from error
