"""What the probes look at: a training as it would run, and some of its records."""

import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback

from anneal_trainer.crew import Crew
from anneal_trainer.device import best_device, choose_precision
from anneal_trainer.encoding import Encoder, Sample
from anneal_trainer.evaluation import Scorer
from anneal_trainer.files import path_of
from anneal_trainer.lengths import rule_of
from anneal_trainer.memory import MicroBatches
from anneal_trainer.models import LoadReport, load_model_and_report
from anneal_trainer.picture_tokens import PictureRule
from anneal_trainer.records import Row
from anneal_trainer.sft import load_base, make_encoder, make_scorer, make_trainer
from anneal_trainer.spec import Spec

TOGETHER = 8
"""Records in one forward pass; the probes look at few, and a large model has little memory left."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """``model`` is the one that the trainer trains: an adapter is on it, and frozen is what the trainer froze."""

    model: Any
    config: Any
    """Of the whole model, without an adapter."""
    processor: Any
    serving_processor: Any
    """Of the folder that is served; what renders the prompts there."""
    encoder: Encoder
    scorer: Scorer
    rows: Sequence[Row]
    rule: PictureRule | None
    """By which pictures were counted before anything was loaded; none where it is not known."""
    learning_rate: float
    weight_decay: float
    gradient_clip: float
    seed: int
    device: torch.device
    autocast: Callable[[], AbstractContextManager[Any]]
    report: LoadReport

    def batches(self, rows: Sequence[Row]) -> list[list[Sample]]:
        """The rows in their order, some at a time."""
        samples = [Sample(row=row, key=("probe", row.id)) for row in rows]
        return [samples[start : start + TOGETHER] for start in range(0, len(samples), TOGETHER)]


def load_subject(spec: Spec, folder: Path, rows: Sequence[Row]) -> Subject:
    """The model of a folder (a checkpoint, or the one to train) as this spec's trainer sets it up.

    Raises ``TrainerProblem`` (model).
    """
    device = best_device()
    reports: list[LoadReport] = []

    def load(whole: Path) -> Any:
        loaded, report = load_model_and_report(whole)
        reports.append(report)
        return loaded

    base = load_base(spec, folder, load)
    encoder = make_encoder(base.processor, strict=False)
    with tempfile.TemporaryDirectory() as output:
        trainer = make_trainer(
            spec,
            base,
            [],
            encoder=encoder,
            crew=Crew(),
            micro=MicroBatches(TOGETHER, on_smaller=lambda *_: None),
            total_steps=1,
            callbacks=[TrainerCallback()],
            output=Path(output),
            device=device,
            bfloat16=choose_precision(spec.precision, device) == "bfloat16",
        )
    trainer.model.to(device)
    return Subject(
        model=trainer.model,
        config=trainer.model.config,
        processor=base.processor,
        serving_processor=base.processor,
        encoder=encoder,
        scorer=make_scorer(trainer, device),
        rows=rows,
        rule=rule_of(folder),
        learning_rate=spec.learning_rate,
        weight_decay=spec.weight_decay,
        gradient_clip=spec.gradient_clip,
        seed=spec.seed,
        device=device,
        autocast=trainer.accelerator.autocast,
        report=reports[0],
    )


def folder_of(spec: Spec) -> Path:
    """The model that the training begins with."""
    return path_of(spec.model)
