"""Loss and exactness on held-out sets, by item, without generation.

Written by us and not left to TRL's evaluation, which gives its token metrics no set name and keeps no items.
"""

import logging
import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from anneal_trainer.crew import Crew
from anneal_trainer.encoding import IGNORED, Batch, Encoder, Sample
from anneal_trainer.memory import MicroBatches
from anneal_trainer.records import Row

logger = logging.getLogger("anneal_trainer")


@dataclass(frozen=True, kw_only=True)
class SetFigures:
    """Figures of one set. ``items``: mean loss by record, in nats per answer token; None for NaN."""

    items: Mapping[str, float | None]
    loss: float | None
    standard_error: float | None
    exact: float


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """The two halves of a model (``hidden`` states of all tokens, ``head`` of the chosen ones) and how to run them."""

    model: nn.Module
    hidden: Callable[..., Tensor]
    head: Callable[[Tensor], Tensor]
    device: torch.device
    autocast: Callable[[], AbstractContextManager[Any]]

    @torch.no_grad()
    def score(self, batch: Batch) -> tuple[list[float], list[bool]]:
        """Mean answer loss of each item, and whether every answer token is the teacher-forced argmax.

        Logits are made for answer tokens only: with a real vocabulary all of them would not fit.
        """
        chosen, labels, mask = self._answer_logits(batch)
        losses = nn.functional.cross_entropy(chosen, labels[mask], reduction="none")
        wrong = (chosen.argmax(-1) != labels[mask]).float()
        rows = mask.nonzero()[:, 0]
        count = mask.sum(-1)
        zeros = torch.zeros(len(labels), device=self.device)
        means = zeros.index_add(0, rows, losses) / count
        return means.tolist(), (zeros.index_add(0, rows, wrong) == 0).tolist()

    @torch.no_grad()
    def entropy(self, batch: Batch) -> float:
        """Mean entropy of the predictions of answer tokens, in nats; ln of the vocabulary: it knows nothing."""
        chosen, _, _ = self._answer_logits(batch)
        logs = nn.functional.log_softmax(chosen, dim=-1)
        return float(-(logs.exp() * logs).sum(-1).mean())

    def _answer_logits(self, batch: Batch) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of the answer tokens (tokens, vocabulary), all labels (rows, length - 1), and where answers are."""
        batch = {name: tensor.to(self.device) for name, tensor in batch.items()}
        labels = batch.pop("labels")[:, 1:]
        mask = labels != IGNORED
        with self.autocast():
            return self.head(self.hidden(**batch)[:, :-1][mask]).float(), labels, mask


class Evaluator:
    """Evaluates all named sets with one model. Item sets are fixed, so that changes can be paired by item.

    Memory that runs out halves the items that are evaluated at once; one process's halving is no other's matter.
    """

    def __init__(self, sets: Mapping[str, Sequence[Row]], encoder: Encoder, crew: Crew, *, batch_size: int) -> None:
        self._sets = sets
        self._encoder = encoder
        self._crew = crew
        self._batch_size = batch_size
        self._micro = MicroBatches(batch_size, on_smaller=tell_smaller)
        self._batches: dict[str, list[list[Sample]]] = {}

    def run(self, scorer: Scorer, give_up: Callable[[], bool]) -> dict[str, SetFigures] | None:
        """The figures of every set; None when ``give_up`` says so between two batches."""
        training = scorer.model.training
        scorer.model.eval()
        try:
            figures: dict[str, SetFigures] = {}
            for name in self._sets:
                items = self._run_set(name, scorer, give_up)
                if items is None:
                    return None
                figures[name] = items
            return figures
        finally:
            scorer.model.train(training)

    def _run_set(self, name: str, scorer: Scorer, give_up: Callable[[], bool]) -> SetFigures | None:
        shares = self._crew.gather(self._run_share(name, scorer, give_up))
        losses: dict[str, float] = {}
        right = 0
        for share in shares:
            if share is None:
                return None
            losses.update(share[0])
            right += share[1]
        ordered = {row.id: losses[row.id] for row in self._sets[name]}
        return summarise(ordered, exact=right / len(ordered))

    def _run_share(self, name: str, scorer: Scorer, give_up: Callable[[], bool]) -> tuple[dict[str, float], int] | None:
        """Losses by record and the number of exact answers, of the batches that are this process's."""
        losses: dict[str, float] = {}
        right = 0
        for samples in self._batches_of(name)[self._crew.rank :: self._crew.size]:
            if give_up():
                return None
            means, exact = self._micro.until_it_fits(partial(self._score, scorer, samples), undo=leave_as_it_is)
            losses.update(zip((sample.row.id for sample in samples), means, strict=True))
            right += sum(exact)
        return losses, right

    def _score(self, scorer: Scorer, samples: Sequence[Sample]) -> tuple[list[float], list[bool]]:
        means: list[float] = []
        exact: list[bool] = []
        for portion in self._micro.portions(samples):
            losses, right = scorer.score(self._encoder(portion))
            means += losses
            exact += right
        return means, exact

    def _batches_of(self, name: str) -> list[list[Sample]]:
        """Batches of similar lengths, so that little is padding."""
        if name not in self._batches:
            samples = [Sample(row=row, key=(name, row.id)) for row in self._sets[name]]
            lengths = self._encoder.lengths(samples, self._batch_size)
            order = sorted(range(len(samples)), key=lambda index: (lengths[index], index))
            self._batches[name] = [
                [samples[index] for index in order[start : start + self._batch_size]]
                for start in range(0, len(order), self._batch_size)
            ]
        return self._batches[name]


def tell_smaller(larger: int, smaller: int, said: str) -> None:
    """An evaluation goes on with fewer items at once."""
    logger.warning("Out of memory with %d items evaluated at once, going on with %d: %s", larger, smaller, said)


def leave_as_it_is() -> None:
    """Evaluation leaves nothing behind that a second try could trip over."""


def summarise(losses: Mapping[str, float], *, exact: float) -> SetFigures:
    """The mean over items and its standard error; an item without a finite loss makes both unknown."""
    items = {name: loss if math.isfinite(loss) else None for name, loss in losses.items()}
    values = [loss for loss in items.values() if loss is not None]
    if len(values) < len(items):
        return SetFigures(items=items, loss=None, standard_error=None, exact=exact)
    mean = sum(values) / len(values)
    error = None
    if len(values) > 1:
        variance = sum((value - mean) ** 2 for value in values) / (len(values) - 1)
        error = math.sqrt(variance / len(values))
    return SetFigures(items=items, loss=mean, standard_error=error, exact=exact)
