"""Everything that training needs, built from the spec: model, encoder, trainer, evaluation."""

import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

from anneal_trainer.device import best_device, choose_precision, quiet_progress
from anneal_trainer.encoding import Change, Sample
from anneal_trainer.evaluation import Evaluator
from anneal_trainer.files import path_of
from anneal_trainer.images import shifted
from anneal_trainer.job import JobFolder
from anneal_trainer.mix import Plan
from anneal_trainer.reporter import Reporter
from anneal_trainer.rows import Data
from anneal_trainer.sft import AnswerTrainer, fingerprint, load_base, make_encoder, make_scorer, make_trainer
from anneal_trainer.spec import Spec

EVALUATION_ITEMS = 64
"""Items evaluated at once; without gradients they need less memory than as many trained."""


def prepare(
    spec: Spec, data: Data, plan: Plan, reporter: Reporter, job: JobFolder, give_up: Callable[[], bool]
) -> AnswerTrainer:
    """A trainer that is ready to train, with the reporter attached to it.

    Raises ``TrainerProblem`` (model).
    """
    quiet_progress()
    device = best_device()
    precision = choose_precision(spec.precision, device)
    base = load_base(spec, path_of(spec.model))
    encoder = make_encoder(base.processor)
    trainer = make_trainer(
        spec,
        base,
        training_samples(spec, data, plan),
        encoder=encoder,
        total_steps=plan.total_steps,
        callback=reporter,
        output=job.checkpoints.path,
        device=device,
        bfloat16=precision == "bfloat16",
    )
    evaluator = Evaluator(data.evaluate, encoder, batch_size=EVALUATION_ITEMS)
    before = fingerprint(trainer.model)
    reporter.attach(
        evaluate=lambda: evaluator.run(make_scorer(trainer, device), give_up),
        changed=lambda: fingerprint(trainer.model) != before,
        started=_started(trainer, plan, str(device), precision),
    )
    return trainer


def training_samples(spec: Spec, data: Data, plan: Plan) -> list[Sample]:
    """The samples in order; business pictures are shifted anew each time when the spec says so (R7)."""
    samples = []
    for position, (kind, index) in enumerate(plan.order):
        row = (data.business if kind == "business" else data.generic)[index]
        if kind == "business" and spec.shift_percent > 0 and row.images:
            samples.append(Sample(row=row, change=_shift(spec, position)))
        else:
            samples.append(Sample(row=row, key=(kind, index)))
    return samples


def _shift(spec: Spec, position: int) -> Change:
    """A shift that depends on the seed and the place in the order, so that a resumed job repeats it."""
    return partial(_shift_one, percent=spec.shift_percent, seed=f"{spec.seed}:shift:{position}")


def _shift_one(image: Any, *, percent: float, seed: str) -> Any:
    return shifted(image, percent, random.Random(seed))


def _started(trainer: AnswerTrainer, plan: Plan, device: str, precision: str) -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "totalSteps": plan.last_step,
        "stepsPerEpoch": plan.steps_per_epoch,
        "samples": {"business": plan.business, "generic": plan.generic},
        "device": device,
        "precision": precision,
        "trainableParameters": sum(item.numel() for item in trainer.model.parameters() if item.requires_grad),
    }
