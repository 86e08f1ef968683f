"""Task records, as rows that TRL and the processor take."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from anneal_trainer.files import path_of, read_lines
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.spec import SetSpec

Message = dict[str, Any]

STATED_FORMATS = frozenset({"multipleChoice", "yesNo", "json", "number"})
"""Formats whose question says itself how it is to be answered (``config/variants.ts``)."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One question with its answer.

    ``prompt`` and ``completion`` hold messages of typed parts; an image part has no index, so ``images`` lists the
    files in the order in which the parts name them.
    """

    id: str
    images: tuple[Path, ...]
    prompt: tuple[Message, ...]
    completion: tuple[Message, ...]
    rejected: str | None = None
    """A worse answer than ``completion``, where the record is a pair (R3)."""
    rejected_images: tuple[Path, ...] | None = None
    """Pictures under which ``rejected`` is the worse answer; None where they are those of the row."""
    as_it_stands: bool = False
    """A variant of another format says itself how it is to be answered, so no template is put around it."""
    quality: float = 1.0
    """How far the answer can be trusted, 0 to 1 (R15)."""

    @property
    def answer(self) -> str:
        """The text of the assistant's last message."""
        return "".join(part["text"] for message in self.completion for part in message["content"])

    def as_rejected(self) -> "Row":
        """The rejected side of a pair, as a row of its own."""
        said = {"role": "assistant", "content": [{"type": "text", "text": self.rejected or ""}]}
        images = self.images if self.rejected_images is None else self.rejected_images
        return replace(self, completion=(said,), images=images)


def draw(purpose: str, seed: int, name: str) -> int:
    """A number that depends on nothing but its three arguments, the same on every machine."""
    return int.from_bytes(hashlib.sha256(f"{purpose}\0{seed}\0{name}".encode()).digest()[:8], "big")


def read_rows(source: SetSpec, seed: int) -> list[Row]:
    """The rows of a set, of its quality, limited and phrased as its spec says, in the order of the file.

    Raises ``TrainerProblem`` (data) with file and line for the first record that can't be used.
    """
    path = path_of(source.uri)
    rows: dict[str, Row] = {}
    try:
        for number, line in read_lines(path):
            row = _row_of(line, path, f"{path.name}, line {number}")
            if row.id in rows:
                raise TrainerProblem("data", f"{path.name}, line {number}: the id {row.id!r} was there before.")
            rows[row.id] = row
    except (OSError, UnicodeDecodeError) as error:
        raise TrainerProblem("data", f"{path} can't be read: {error}") from error
    good = [row for row in rows.values() if row.quality >= source.least_quality]
    chosen = limited(good, source.limit, seed if source.limit_seed is None else source.limit_seed)
    if not chosen:
        wanted = f" of quality {source.least_quality:g} or above" if rows else ""
        raise TrainerProblem("data", f"{path} holds no record{wanted}.")
    _check_images(chosen, path)
    return [prompted(phrased(row, source.phrasings, seed), source.system, "") for row in chosen]


def limited(rows: list[Row], limit: int | None, seed: int) -> list[Row]:
    """At most ``limit`` rows, chosen by the hash of seed and id, so that another file order changes nothing."""
    if limit is None or limit >= len(rows):
        return rows
    order = sorted(range(len(rows)), key=lambda index: draw("limit", seed, rows[index].id))
    return [rows[index] for index in sorted(order[:limit])]


def phrased(row: Row, phrasings: Sequence[str], seed: int) -> Row:
    """The row with its question put into one of the templates, drawn by seed and id (R14)."""
    if not phrasings or row.as_it_stands:
        return row
    template = phrasings[draw("phrasing", seed, row.id) % len(phrasings)]
    return replace(row, prompt=_asked_by(row.prompt, template))


def prompted(row: Row, system: str, template: str) -> Row:
    """The row under a prompt: its system text (the record's own when empty) and its template for the question."""
    prompt = _asked_by(row.prompt, template) if template and not row.as_it_stands else row.prompt
    if system:
        rest = tuple(message for message in prompt if message["role"] != "system")
        prompt = ({"role": "system", "content": [{"type": "text", "text": system}]}, *rest)
    return replace(row, prompt=prompt)


def _asked_by(prompt: tuple[Message, ...], template: str) -> tuple[Message, ...]:
    """The question is the last text of the last message that the user wrote."""
    last = max((index for index, message in enumerate(prompt) if message["role"] == "user"), default=-1)
    if last < 0:
        return prompt
    content = list(prompt[last]["content"])
    texts = [index for index, part in enumerate(content) if part["type"] == "text"]
    if not texts:
        content.append({"type": "text", "text": template.replace("{question}", "")})
    else:
        question = content[texts[-1]]["text"]
        content[texts[-1]] = {"type": "text", "text": template.replace("{question}", question)}
    return (*prompt[:last], {**prompt[last], "content": content}, *prompt[last + 1 :])


def _row_of(line: str, path: Path, where: str) -> Row:
    try:
        record = json.loads(line)
        messages = [{"role": message["role"], "content": message["content"]} for message in record["messages"]]
        used: list[int] = []
        for message in messages:
            message["content"] = [_part_of(part, used) for part in message["content"]]
        images = tuple(path.parent / record["images"][index] for index in used)
        others = record.get("rejectedImages")
        rejected_images = None if others is None else tuple(path.parent / others[index] for index in used)
        name = str(record["id"])
        rejected = record.get("rejected")
        quality = float(record.get("quality", 1.0))
        as_it_stands = "answerKind" in record and record.get("from", {}).get("by") in STATED_FORMATS
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TrainerProblem("data", f"{where} is no task record: {type(error).__name__} {error}") from error
    if not messages or messages[-1]["role"] != "assistant":
        raise TrainerProblem("data", f"{where}: the last message is not the assistant's answer.")
    if any(part["type"] != "text" for part in messages[-1]["content"]):
        raise TrainerProblem("data", f"{where}: the answer holds more than text.")
    return Row(
        id=name,
        images=images,
        prompt=tuple(messages[:-1]),
        completion=(messages[-1],),
        rejected=rejected,
        rejected_images=rejected_images,
        as_it_stands=as_it_stands,
        quality=quality,
    )


def _part_of(part: dict[str, Any], used: list[int]) -> dict[str, Any]:
    if part["type"] == "image":
        used.append(part["image"])
        return {"type": "image"}
    return {"type": "text", "text": part["text"]}


def _check_images(rows: Sequence[Row], path: Path) -> None:
    missing = [image for row in rows for image in (*row.images, *(row.rejected_images or ())) if not image.is_file()]
    if missing:
        raise TrainerProblem("data", f"{len(missing)} images that {path} names are not there, the first: {missing[0]}")
