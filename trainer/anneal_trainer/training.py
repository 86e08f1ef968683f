"""Everything that training needs, built from the spec: model, encoder, trainer, evaluation."""

import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from torch import nn

from anneal_trainer.crew import Crew
from anneal_trainer.device import best_device, choose_precision, quiet_progress, share_cores
from anneal_trainer.encoding import Change, Encoder, Sample
from anneal_trainer.evaluation import Evaluator
from anneal_trainer.files import path_of
from anneal_trainer.images import shifted
from anneal_trainer.job import JobFolder
from anneal_trainer.lengths import heaviest_steps, length_of, rule_of
from anneal_trainer.memory import MicroBatches
from anneal_trainer.mix import Plan
from anneal_trainer.models import fingerprint
from anneal_trainer.records import Row
from anneal_trainer.reporter import Reporter
from anneal_trainer.rows import Data
from anneal_trainer.sft import Base, load_base, make_encoder, make_scorer, make_trainer
from anneal_trainer.spec import Spec
from anneal_trainer.steps import FittingTrainer
from anneal_trainer.trackers import Tracked

logger = logging.getLogger("anneal_trainer")

COUNTED_ROWS = 2000
"""Rows whose answers are counted in tokens; more would take seconds and tell the same."""

EVALUATION_ITEMS = 64
"""Items evaluated at once; without gradients they need less memory than as many trained."""


def prepare(
    spec: Spec,
    data: Data,
    plan: Plan,
    reporter: Reporter,
    job: JobFolder,
    crew: Crew,
    *,
    give_up: Callable[[], bool],
    tracked: Tracked,
) -> FittingTrainer:
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
    share = -(-spec.batch_size // crew.size)
    size = min(share, spec.micro_batch_size, reporter.micro_batch_that_fitted() or spec.micro_batch_size)
    micro = MicroBatches(size, on_smaller=reporter.smaller_micro_batch, alone=crew.size == 1)
    tracking = _tracking(tracked, plan)
    trainer = _trainer_of(
        spec,
        base,
        samples,
        encoder,
        micro=micro,
        crew=crew,
        total_steps=plan.total_steps,
        callbacks=[*([tracking] if tracking else []), reporter],
        output=job.checkpoints.path,
        device=device,
        bfloat16=precision == "bfloat16",
    )
    evaluator = Evaluator(data.evaluate, encoder, crew, batch_size=EVALUATION_ITEMS)
    trainer.on_full_disk = reporter.no_space
    before = fingerprint(_trained(trainer))
    reporter.attach(
        evaluate=lambda: evaluator.run(make_scorer(trainer, trainer.args.device), give_up),
        compare=_comparison(spec, data, trainer, give_up),
        changed=lambda: fingerprint(_trained(trainer)) != before,
        base=base.digest,
        track=tracking.tell if tracking else None,
        try_heaviest=lambda: try_heaviest(trainer, samples, path_of(spec.model)),
        started={
            **_started(trainer, plan, str(device), precision),
            "microBatchSize": size,
            "answerTokens": answer_tokens(data, plan, base.processor.tokenizer),
        },
    )
    return trainer


def _trainer_of(spec: Spec, base: Base, samples: list[Sample], encoder: Encoder, **how: Any) -> FittingTrainer:
    if spec.method != "dpo":
        return make_trainer(spec, base, samples, encoder=encoder, **how)
    from anneal_trainer.preferences import make_preference_trainer

    return make_preference_trainer(spec, base, samples, **how)


def _tracking(tracked: Tracked, plan: Plan) -> Any:
    """None where no tracker is asked for: loading the integrations takes a moment."""
    if not tracked.names:
        return None
    from anneal_trainer.tracking import Tracking

    return Tracking(tracked, steps_per_epoch=plan.steps_per_epoch, last_step=plan.last_step)


def _comparison(spec: Spec, data: Data, trainer: Any, give_up: Callable[[], bool]) -> Any:
    """How held-out pairs are told apart at a step; None where no preferences are trained."""
    if spec.method != "dpo":
        return None
    from anneal_trainer.preferences import Comparison

    comparison = Comparison(data.evaluate["preferences"], spec, trainer, batch_size=EVALUATION_ITEMS // 2)
    return lambda step: comparison.run(step, give_up)


def _trained(trainer: FittingTrainer) -> Iterator[tuple[str, nn.Parameter]]:
    return ((name, tensor) for name, tensor in trainer.model.named_parameters() if tensor.requires_grad)


def try_heaviest(trainer: FittingTrainer, samples: Sequence[Sample], model: Path) -> None:
    """Try the step of most tokens before the first one: what doesn't fit shows now.

    Raises ``TrainerProblem`` (memory, data).
    """
    rule = rule_of(model)
    known = {id(row): length_of(row, rule) for row in {id(sample.row): sample.row for sample in samples}.values()}
    batch_size = trainer.args.per_device_train_batch_size
    candidates = [
        trainer.items_of(samples[step * batch_size : (step + 1) * batch_size])
        for step in heaviest_steps([known[id(sample.row)] for sample in samples], batch_size)
    ]
    weights = [trainer.weight_of(items) for items in candidates]
    # All processes try the same step.
    heaviest = candidates[trainer.crew.gather(weights.index(max(weights)))[0]]
    trainer.dry_step(heaviest)
    logger.info("The heaviest step fits: %d samples.", len(heaviest))


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


def answer_tokens(data: Data, plan: Plan, tokenizer: Any) -> dict[str, float]:
    """Answer tokens an epoch of both kinds, end tokens included: by the mean of at most ``COUNTED_ROWS`` rows."""

    def mean(rows: Sequence[Row]) -> float:
        counted = rows[:: max(1, -(-len(rows) // COUNTED_ROWS))]
        encoded = tokenizer([row.answer for row in counted], add_special_tokens=False)["input_ids"] if counted else []
        return sum(len(tokens) + 1 for tokens in encoded) / max(1, len(encoded))

    return {
        "business": round(mean(data.business) * plan.business, 1),
        "generic": round(mean(data.generic) * plan.generic, 1) if plan.generic else 0.0,
    }


def _started(trainer: FittingTrainer, plan: Plan, device: str, precision: str) -> dict[str, Any]:
    return {
        "pid": os.getpid(),
        "totalSteps": plan.last_step,
        "stepsPerEpoch": plan.steps_per_epoch,
        "samples": {"business": plan.business, "generic": plan.generic},
        "device": device,
        "precision": precision,
        "trainableParameters": sum(item.numel() for item in trainer.model.parameters() if item.requires_grad),
    }
