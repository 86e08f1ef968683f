"""Probes 8 and 9: a trained checkpoint item by item: teacher-forced, by generation, served, and with other pictures."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy
from PIL import Image

from anneal_trainer.encoding import Sample
from anneal_trainer.generate import greedy_answers
from anneal_trainer.images import read_image
from anneal_trainer.probing.collated import SHOWN
from anneal_trainer.probing.first_step import finite
from anneal_trainer.probing.subject import TOGETHER, Subject
from anneal_trainer.records import Row, draw

GREY = (128, 128, 128)


@dataclass(frozen=True, kw_only=True)
class Served:
    """What the served checkpoint said, and how right that was."""

    given: str | None
    score: float


def choose(rows: Sequence[Row], served: Mapping[str, Served], *, count: int, seed: int) -> list[Row]:
    """At most ``count`` of the rows that were asked: half of them wrong ones, where there are so many."""
    asked = sorted((row for row in rows if row.id in served), key=lambda row: draw("probe", seed, row.id))
    wrong = [row for row in asked if served[row.id].score < 1]
    right = [row for row in asked if served[row.id].score == 1]
    half = max(count // 2, count - len(right))
    chosen = {row.id for row in wrong[:half]}
    chosen |= {row.id for row in right[: count - len(chosen)]}
    return [row for row in rows if row.id in chosen]


def items(subject: Subject, served: Mapping[str, Served], maximum_tokens: int) -> list[dict[str, Any]]:
    """One entry a row. The model must be the checkpoint that was served."""
    model = subject.model.eval()
    rows = subject.rows
    generated = dict(greedy_answers(model, subject.processor, rows, maximum_tokens))
    own = dict(_scored(subject, [Sample(row=row, key=("probe", row.id)) for row in rows]))
    partners = [(row, _partner(row, index, rows)) for index, row in enumerate(rows) if row.images]
    shuffled = dict(
        _scored(subject, [Sample(row=replace(row, images=other.images)) for row, other in partners if other])
    )
    blank = dict(_scored(subject, [Sample(row=row, change=_blank) for row in rows if row.images]))
    return [
        {
            "id": row.id,
            "served": _shown(served[row.id].given) if row.id in served else None,
            "score": served[row.id].score if row.id in served else None,
            "generated": _shown(generated[row.id]),
            **own[row.id],
            "shuffled": shuffled.get(row.id),
            "blank": blank.get(row.id),
            "picture": _picture(subject, row) if row.images else None,
        }
        for row in rows
    ]


def _shown(text: str | None) -> str | None:
    """The beginning: figures travel through a workflow's history."""
    return None if text is None else text.strip()[:SHOWN]


def _scored(subject: Subject, samples: Sequence[Sample]) -> Iterator[tuple[str, dict[str, Any]]]:
    for start in range(0, len(samples), TOGETHER):
        chunk = samples[start : start + TOGETHER]
        means, exact = subject.scorer.score(subject.encoder(chunk))
        for sample, loss, is_exact in zip(chunk, means, exact, strict=True):
            yield sample.row.id, {"loss": finite(loss), "exact": is_exact}


def _partner(row: Row, index: int, rows: Sequence[Row]) -> Row | None:
    """The next row with as many other pictures, best one with another answer: only such a picture can mislead."""
    following = [*rows[index + 1 :], *rows[:index]]
    others = [
        other for other in following if len(other.images) == len(row.images) and set(other.images) != set(row.images)
    ]
    return next((other for other in others if other.answer != row.answer), others[0] if others else None)


def _blank(image: Image.Image) -> Image.Image:
    return Image.new("RGB", image.size, GREY)


def _picture(subject: Subject, row: Row) -> dict[str, Any]:
    """Of the row's least readable picture, by its sharpness."""
    pictures = [_readability(read_image(path)) for path in row.images]
    ids = subject.encoder([Sample(row=row, key=("probe", row.id))])["input_ids"][0].tolist()
    tokens = ids.count(subject.config.image_token_id)
    return {**min(pictures, key=lambda each: each["sharpness"]), "tokens": tokens // len(pictures)}


def _readability(image: Image.Image) -> dict[str, Any]:
    """Shorter side in pixels, contrast, and the variance of the Laplacian, which blur brings down (methods M4)."""
    grey = numpy.asarray(image.convert("L"), dtype=numpy.float64)
    laplacian = (
        grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * grey[1:-1, 1:-1]
        if min(grey.shape) > 2
        else numpy.zeros((1, 1))
    )
    return {"side": min(image.size), "contrast": float(grey.std()), "sharpness": float(laplacian.var())}
