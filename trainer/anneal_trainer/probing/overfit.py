"""Probes 6 and 7: can eight clean records be learnt by heart, and at which rate."""

from collections.abc import Sequence
from typing import Any

import torch

from anneal_trainer.encoding import Batch
from anneal_trainer.generate import greedy_answers
from anneal_trainer.probing.collated import NAMED
from anneal_trainer.probing.first_step import finite, make_optimizer, train_once
from anneal_trainer.probing.subject import TOGETHER, Subject
from anneal_trainer.records import Row, draw

FACTORS = (0.1, 10.0)
"""Rates beside the training's own (probe 7)."""
LARGEST_RATE = 1e-2
SMALLEST_RATE = 1e-7


def clean_rows(rows: Sequence[Row], seed: int) -> list[Row]:
    """Eight records, no two with the same pictures and question, as many different answers as there are."""
    order = sorted(rows, key=lambda row: draw("overfit", seed, row.id))
    chosen: list[Row] = []
    asked: set[str] = set()
    for fresh_answers in (True, False):
        for row in order:
            question = f"{row.images} {row.prompt}"
            known = row.answer in {other.answer for other in chosen}
            if (
                len(chosen) < TOGETHER
                and row.answer.strip()
                and question not in asked
                and not (fresh_answers and known)
            ):
                chosen.append(row)
                asked.add(question)
    return chosen


def overfit(subject: Subject, *, steps: int, enough: float, maximum_tokens: int) -> list[dict[str, Any]]:
    """The same eight records at the training's rate; when that fails at a tenth and at ten times of it.

    Where ten times the rate is not enough and does no harm, larger ones follow, and where a tenth destroys the model,
    smaller ones: a rate can be wrong by more than ten. Leaves the model as it was.
    """
    rows = clean_rows(subject.rows, subject.seed)
    kept = {name: each.detach().clone() for name, each in subject.model.named_parameters() if each.requires_grad}
    tried: list[dict[str, Any]] = []

    def attempt(factor: float) -> dict[str, Any]:
        tried.append(_attempt(subject, rows, factor, steps=steps, enough=enough, maximum_tokens=maximum_tokens))
        with torch.no_grad():
            for name, parameter in subject.model.named_parameters():
                if name in kept:
                    parameter.copy_(kept[name])
        return tried[-1]

    if passes(attempt(1.0), enough):
        return tried
    lower, higher = (attempt(factor) for factor in FACTORS)
    while not passes(higher, enough) and not _broken(higher) and higher["learningRate"] * 10 <= LARGEST_RATE:
        higher = attempt(higher["factor"] * 10)
    while not passes(lower, enough) and _broken(lower) and lower["learningRate"] / 10 >= SMALLEST_RATE:
        lower = attempt(lower["factor"] / 10)
    return tried


def passes(figures: dict[str, Any], enough: float) -> bool:
    """Learnt by heart: a low loss, and every record right by generation."""
    return figures["loss"] is not None and figures["loss"] < enough and figures["right"] == figures["records"]


def _attempt(
    subject: Subject, rows: Sequence[Row], factor: float, *, steps: int, enough: float, maximum_tokens: int
) -> dict[str, Any]:
    torch.manual_seed(subject.seed)
    # Without dropout, so in evaluation mode: gradients flow all the same.
    model = subject.model.eval()
    rate = subject.learning_rate * factor
    optimizer = make_optimizer(subject, rate)
    batch = subject.encoder(subject.batches(rows)[0])
    first = _mean_loss(subject, batch)
    taken = 0
    while taken < steps:
        taken += 1
        # Well below what is asked for: more steps can only cost.
        if not train_once(subject, batch, optimizer) > enough / 4:
            break
    loss = _mean_loss(subject, batch)
    given = dict(greedy_answers(model, subject.serving_processor, rows, maximum_tokens)) if loss < 1 else {}
    wrong = [row.id for row in rows if given.get(row.id, "").strip() != row.answer.strip()]
    return {
        "learningRate": rate,
        "factor": factor,
        "records": len(rows),
        "steps": taken,
        "first": finite(first),
        "loss": finite(loss),
        "right": len(rows) - len(wrong),
        "ids": wrong[:NAMED],
    }


def _mean_loss(subject: Subject, batch: Batch) -> float:
    """Over the records, whatever the lengths of their answers."""
    means, _ = subject.scorer.score(batch)
    return sum(means) / len(means)


def _broken(figures: dict[str, Any]) -> bool:
    return figures["loss"] is None or figures["loss"] > figures["first"]
