"""Training on preferences by TRL's DPO (R3), and what of its insides we rely on (TRL 1.16)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from torch.nn.functional import logsigmoid
from transformers import PrinterCallback, TrainerCallback
from trl import DPOConfig, DPOTrainer

from anneal_trainer.crew import Crew
from anneal_trainer.encoding import IGNORED, Batch, Encoder, Sample
from anneal_trainer.evaluation import leave_as_it_is, tell_smaller
from anneal_trainer.files import path_of
from anneal_trainer.memory import MicroBatches
from anneal_trainer.models import base_of_adapter, load_adapter, load_model
from anneal_trainer.patch_products import multiply_patches
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row
from anneal_trainer.sft import Base, adapter_of, common_arguments, make_encoder
from anneal_trainer.spec import PreferenceSpec, Spec
from anneal_trainer.steps import FittingTrainer, OrderedSamples, StepOf

TOLERANCE = 1e-3
"""How far the loss at step 0 may be from ln 2: a reference that is the model itself gives it exactly."""


@dataclass(frozen=True, kw_only=True)
class PairEncoder:
    """Samples with a rejected side into one batch: all chosen answers, then all rejected ones, under their pictures."""

    encoder: Encoder

    def __call__(self, samples: Sequence[Sample]) -> Batch:
        """The batch of twice as many sequences as samples, padded; TRL wants a mask of the answers, not labels."""
        batch = self.encoder([*samples, *(Sample(row=sample.row.as_rejected()) for sample in samples)])
        answers = batch.pop("labels") != IGNORED
        return {**batch, "completion_mask": answers.long()}


class PreferenceTrainer(FittingTrainer, DPOTrainer):  # type: ignore[misc]  # TRL's class is untyped
    """Learns pairs; the loss of a step is the mean over its pairs.

    The part of the loss on chosen answers is a mean over the tokens of a micro-batch, as TRL computes it.
    """

    pairs: PairEncoder

    def items_of(self, samples: Sequence[Sample]) -> Sequence[Sample]:
        """The samples as they are: two sequences each, which the encoder pads together."""
        return samples

    def weight_of(self, items: Sequence[Sample]) -> int:
        """Tokens of the padded batch and its picture patches."""
        batch = self.pairs(items)
        return batch["input_ids"].numel() + len(batch.get("pixel_values", ()))

    def total_of(self, items: Sequence[Sample]) -> float:
        """Pairs."""
        return len(items)

    def pass_over(self, model: nn.Module, portion: Sequence[Sample], step: StepOf) -> Tensor:
        """One pass; transformers' trainer divides by this number, so that micro-batches of unequal size weigh right."""
        self.current_gradient_accumulation_steps = step.total / len(portion)
        loss: Tensor = DPOTrainer.training_step(self, model, self.pairs(portion))
        return loss


def make_preference_trainer(
    spec: Spec,
    base: Base,
    samples: Sequence[Sample],
    *,
    micro: MicroBatches,
    crew: Crew,
    total_steps: int,
    callbacks: list[TrainerCallback],
    output: Path,
    device: torch.device,
    bfloat16: bool,
) -> PreferenceTrainer:
    """A trainer that makes one pass over the pairs, in their order.

    Raises ``TrainerProblem`` (model) when the reference can't be loaded.
    """
    preferences = _settings(spec)
    weighted = preferences.sft_weight > 0
    trainer = PreferenceTrainer(
        model=base.model,
        ref_model=_reference(spec, preferences, base.lora is not None),
        args=DPOConfig(
            **common_arguments(spec, base, total_steps, output, device, bfloat16),
            beta=preferences.beta,
            loss_type=["sigmoid", "sft"] if weighted else ["sigmoid"],
            loss_weights=[1.0, preferences.sft_weight] if weighted else [1.0],
            max_length=None,
        ),
        data_collator=list,
        train_dataset=Dataset.from_list([{"images": [], "prompt": [], "chosen": [], "rejected": []}]),
        processing_class=base.processor,
        peft_config=adapter_of(base.model, base.lora) if base.lora else None,
        callbacks=callbacks,
    )
    trainer.train_dataset = OrderedSamples(samples)
    trainer.pairs, trainer.micro, trainer.crew = PairEncoder(encoder=make_encoder(base.processor)), micro, crew
    trainer.remove_callback(PrinterCallback)
    return trainer


def _settings(spec: Spec) -> PreferenceSpec:
    if spec.preferences is None:
        raise TrainerProblem("internal", "spec.json: dpo without preferences.")
    return spec.preferences


def _reference(spec: Spec, preferences: PreferenceSpec, fresh_adapter: bool) -> Any:
    """The reference as a model of its own; None where TRL has it at hand.

    TRL copies an adapter that training goes on from, and switches a fresh one off.
    """
    folder = path_of(preferences.reference)
    below = base_of_adapter(folder)
    if folder == path_of(spec.model) and (fresh_adapter or below is not None):
        return None
    model = load_model(folder) if below is None else load_adapter(load_model(below), folder).merge_and_unload()
    multiply_patches(model)  # as the model's are, for the two begin as one
    return model


class Comparison:
    """How model and reference tell held-out pairs apart: the ``PreferenceFigures`` of ``config/training.ts``."""

    def __init__(self, rows: Sequence[Row], spec: Spec, trainer: PreferenceTrainer, *, batch_size: int) -> None:
        self._samples = [Sample(row=row) for row in rows]
        self._preferences = _settings(spec)
        self._trainer = trainer
        self._batch_size = batch_size
        self._micro = MicroBatches(batch_size, on_smaller=tell_smaller)

    def run(self, step: int, give_up: Callable[[], bool]) -> dict[str, float | int | None] | None:
        """The figures; None when ``give_up`` says so between two batches.

        Raises ``TrainerProblem`` (model) at step 0 when the reference is not the model.
        """
        model = self._trainer.model
        training = model.training
        model.eval()
        try:
            parts = []
            for start in range(0, len(self._samples), self._batch_size):
                if give_up():
                    return None
                parts.append(self._in_portions(self._samples[start : start + self._batch_size]))
        finally:
            model.train(training)
        figures = self._summarise(torch.cat(parts, dim=1))
        if step == 0:
            check_reference(figures["loss"], self._preferences.reference)
        return figures

    def _in_portions(self, samples: Sequence[Sample]) -> Tensor:
        def compare() -> Tensor:
            return torch.cat([self._compare(portion) for portion in self._micro.portions(samples)], dim=1)

        return self._micro.until_it_fits(compare, undo=leave_as_it_is)

    @torch.no_grad()
    def _compare(self, samples: Sequence[Sample]) -> Tensor:
        """Four rows of log-probabilities: chosen and rejected by the model, chosen and rejected by the reference."""
        trainer = self._trainer
        batch = {name: tensor.to(trainer.accelerator.device) for name, tensor in trainer.pairs(samples).items()}
        inputs = {name: tensor for name, tensor in batch.items() if name != "completion_mask"}
        labels = batch["input_ids"].masked_fill(batch["completion_mask"] == 0, -100)
        with trainer.accelerator.autocast():
            logps = trainer.model(**inputs, labels=labels, use_cache=False, fused_lm_head=True).log_probs.sum(1)
        reference = trainer.compute_ref_log_probs(trainer.ref_model or trainer.model, batch)
        return torch.stack([*logps.chunk(2), *reference]).double().cpu()

    def _summarise(self, logps: Tensor) -> dict[str, float | int | None]:
        chosen, rejected, chosen_reference, rejected_reference = logps
        margin = self._preferences.beta * ((chosen - chosen_reference) - (rejected - rejected_reference))
        return {
            "pairs": len(margin),
            "loss": _finite(-logsigmoid(margin).mean()),
            "accuracy": float((margin > 0).double().mean()),
            "margin": _finite(margin.mean()),
            "chosen": _finite(chosen.mean()),
            "rejected": _finite(rejected.mean()),
        }


def check_reference(loss: float | None, reference: str) -> None:
    """Before the first step model and reference are one, and the loss of every pair is ln 2.

    Raises ``TrainerProblem`` (model).
    """
    if loss is None or abs(loss - math.log(2)) > TOLERANCE:
        raise TrainerProblem(
            "model",
            f"{path_of(reference)} is not the checkpoint that training starts from: the loss at step 0 is {loss}, where"
            " that reference gives ln 2 = 0.693. With an adapter switched off the reference is the base (R3).",
        )


def _finite(value: Tensor) -> float | None:
    return float(value) if math.isfinite(float(value)) else None
