"""Everything that training needs, built from the spec: model, encoder, trainer, evaluation."""

import logging
import os
import random
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from anneal_trainer.crew import Crew
from anneal_trainer.device import best_device, choose_precision, quiet_progress, share_cores
from anneal_trainer.encoding import Change, Sample, longest, weight
from anneal_trainer.evaluation import Evaluator
from anneal_trainer.files import path_of
from anneal_trainer.images import shifted
from anneal_trainer.job import JobFolder
from anneal_trainer.lengths import heaviest_steps, length_of, picture_sizes
from anneal_trainer.memory import MicroBatches
from anneal_trainer.mix import Plan
from anneal_trainer.reporter import Reporter
from anneal_trainer.rows import Data
from anneal_trainer.sft import AnswerTrainer, fingerprint, load_base, make_encoder, make_scorer, make_trainer
from anneal_trainer.spec import Spec

logger = logging.getLogger("anneal_trainer")

EVALUATION_ITEMS = 64
"""Items evaluated at once; without gradients they need less memory than as many trained."""


def prepare(
    spec: Spec, data: Data, plan: Plan, reporter: Reporter, job: JobFolder, crew: Crew, give_up: Callable[[], bool]
) -> AnswerTrainer:
    """A trainer that is ready to train, with the reporter attached to it.

    Raises ``TrainerProblem`` (model).
    """
    quiet_progress()
    share_cores(crew.size)
    device = best_device()
    precision = choose_precision(spec.precision, device)
    base = load_base(spec, path_of(spec.model))
    encoder = make_encoder(base.processor)
    samples = training_samples(spec, data, plan)
    size = min(spec.micro_batch_size, reporter.micro_batch_that_fitted() or spec.micro_batch_size)
    micro = MicroBatches(size, on_smaller=reporter.smaller_micro_batch, alone=crew.size == 1)
    trainer = make_trainer(
        spec,
        base,
        samples,
        encoder=encoder,
        micro=micro,
        crew=crew,
        total_steps=plan.total_steps,
        callback=reporter,
        output=job.checkpoints.path,
        device=device,
        bfloat16=precision == "bfloat16",
    )
    evaluator = Evaluator(data.evaluate, encoder, crew, batch_size=EVALUATION_ITEMS)
    trainer.on_full_disk = reporter.no_space
    before = fingerprint(trainer.model)
    reporter.attach(
        evaluate=lambda: evaluator.run(make_scorer(trainer, trainer.args.device), give_up),
        changed=lambda: fingerprint(trainer.model) != before,
        try_heaviest=lambda: try_heaviest(trainer, samples, path_of(spec.model)),
        started={**_started(trainer, plan, str(device), precision), "microBatchSize": size},
    )
    return trainer


def try_heaviest(trainer: AnswerTrainer, samples: Sequence[Sample], model: Path) -> None:
    """Try the step of most tokens before the first one: what doesn't fit shows now.

    Raises ``TrainerProblem`` (memory, data).
    """
    sizes = picture_sizes(model)
    known = {id(row): length_of(row, sizes) for row in {id(sample.row): sample.row for sample in samples}.values()}
    batch_size = trainer.args.per_device_train_batch_size
    candidates = [
        trainer.share(samples[step * batch_size : (step + 1) * batch_size])
        for step in heaviest_steps([known[id(sample.row)] for sample in samples], batch_size)
    ]
    weights = [weight(items) for items in candidates]
    # All processes try the same step.
    heaviest = candidates[trainer.crew.gather(weights.index(max(weights)))[0]]
    trainer.dry_step(heaviest)
    logger.info("The heaviest step fits: %d samples, the longest of %d tokens.", len(heaviest), longest(heaviest))


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
        "totalSteps": plan.total_steps,
        "stepsPerEpoch": plan.steps_per_epoch,
        "samples": {"business": plan.business, "generic": plan.generic},
        "device": device,
        "precision": precision,
        "trainableParameters": sum(item.numel() for item in trainer.model.parameters() if item.requires_grad),
    }
