"""Greedy answers to a set of records, by the model alone: what a server's answers are compared with."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.files import read_json, write_whole
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row, prompted, read_rows
from anneal_trainer.spec import SetSpec

BATCH = 32


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which records are asked and how. ``prompt``: a JSON file with ``system`` and ``template``."""

    records: Path
    limit: int | None
    seed: int
    prompt: Path | None
    maximum_tokens: int


def generate(model: Path, adapter: Path | None, question: Question, out: Path) -> None:
    """Write one line {id, answer} a record, and cut where it was cut off, in the order of the file, whole or none.

    Raises ``TrainerProblem`` (data, model).
    """
    rows = _rows(question)
    quiet_libraries()
    with quick_imports():
        from anneal_trainer.models import load_adapter, load_model, load_processor

    quiet_progress()
    processor = load_processor(model)
    network = load_model(model)
    if adapter is not None:
        network = load_adapter(network, adapter)
    answers = greedy_answers(network.eval(), processor, rows, question.maximum_tokens)
    lines = [_line(processor, name, answer, question.maximum_tokens) for name, answer in answers]
    write_whole(out, "".join(lines))


def _line(processor: Any, name: str, answer: str, maximum_tokens: int) -> str:
    """``cut`` where the answer takes all the tokens it may, so that its end token had no room."""
    tokens = processor.tokenizer(answer, add_special_tokens=False)["input_ids"]
    line = {"id": name, "answer": answer} | ({"cut": True} if len(tokens) >= maximum_tokens else {})
    return json.dumps(line, ensure_ascii=False) + "\n"


def _rows(question: Question) -> list[Row]:
    source = SetSpec(uri=str(question.records), limit=question.limit, phrasings=())
    rows = read_rows(source, question.seed)
    if question.prompt is None:
        return rows
    try:
        prompt = read_json(question.prompt)
        system, template = prompt["system"], prompt["template"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise TrainerProblem("data", f"{question.prompt} is no prompt with system and template: {error}") from error
    return [prompted(row, system, template) for row in rows]


def greedy_answers(model: Any, processor: Any, rows: Sequence[Row], maximum_tokens: int) -> Iterator[tuple[str, str]]:
    """Id and answer of each row. The model must be in evaluation mode."""
    import torch

    from anneal_trainer.device import best_device
    from anneal_trainer.images import read_image

    device = best_device()
    model.to(device)
    for start in range(0, len(rows), BATCH):
        chunk = rows[start : start + BATCH]
        texts = [processor.apply_chat_template(list(row.prompt), add_generation_prompt=True) for row in chunk]
        images = [[read_image(path) for path in row.images] for row in chunk]
        inputs = processor(
            text=texts,
            images=images if any(images) else None,
            padding=True,
            padding_side="left",
            add_special_tokens=False,
            return_tensors="pt",
        ).to(device)
        with torch.no_grad():
            tokens = model.generate(**inputs, do_sample=False, max_new_tokens=maximum_tokens)
        answers = processor.batch_decode(tokens[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
        yield from zip((row.id for row in chunk), answers, strict=True)
