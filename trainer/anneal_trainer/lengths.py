"""How long a row will be, by the size of its pictures and texts: a guess that encodes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from anneal_trainer.checkpoints import ADAPTER
from anneal_trainer.files import read_json
from anneal_trainer.picture_rules import picture_rule
from anneal_trainer.picture_tokens import Patches, PictureRule
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row

CHARACTERS_A_TOKEN = 4
USUAL = Patches(patch=14, merge=2, minimum_pixels=0, maximum_pixels=2**62)
"""Where the model's configuration does not say it: pictures as they are."""


@dataclass(frozen=True, kw_only=True)
class Length:
    """Characters of all texts, and tokens of all pictures."""

    characters: int
    picture_tokens: int

    @property
    def tokens(self) -> float:
        """All tokens of the row, roughly."""
        return self.picture_tokens + self.characters / CHARACTERS_A_TOKEN


def rule_of(model: Path) -> PictureRule | None:
    """The rule for pictures of a model, or of the base of an adapter; none where it is not known."""
    try:
        if (model / ADAPTER).exists():
            model = Path(read_json(model / ADAPTER)["base_model_name_or_path"])
        return picture_rule(model)
    except (OSError, ValueError, KeyError, TypeError, TrainerProblem):
        return None


def length_of(row: Row, rule: PictureRule | None) -> Length:
    """The length of a row; a rule that is not known is taken to be the usual one.

    Raises ``TrainerProblem`` (data) for a picture without a readable header.
    """
    asked = sum(len(part.get("text", "")) for message in row.prompt for part in message["content"])
    return Length(
        characters=asked + max(len(row.answer), len(row.rejected or "")),
        picture_tokens=picture_tokens(row, rule or USUAL),
    )


def picture_tokens(row: Row, rule: PictureRule) -> int:
    """Tokens of all pictures of a row.

    Raises ``TrainerProblem`` (data) for a picture without a readable header.
    """
    return sum(rule.tokens(*_size_of(path)) for path in row.images)


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
