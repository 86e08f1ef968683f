"""Supervised tuning by TRL: its trainer, its collator, and what of their insides we rely on (TRL 1.16)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from anneal_trainer.crew import Crew
from anneal_trainer.encoding import Batch, Encoder, Sample, answer_tokens, end_token, share_of, weight, without_loss
from anneal_trainer.evaluation import Scorer
from anneal_trainer.experts import refuse_without_experts, set_active_experts
from anneal_trainer.memory import MicroBatches
from anneal_trainer.models import (
    base_digest,
    base_of_adapter,
    load_adapter,
    load_model,
    load_processor,
)
from anneal_trainer.parts import adapter_targets, freeze
from anneal_trainer.patch_products import multiply_patches
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.spec import ExpertsSpec, LoraSpec, Spec
from anneal_trainer.steps import FittingTrainer, OrderedSamples, StepOf
from anneal_trainer.trackers import PROJECT

LONG_SECONDS = 24 * 60 * 60

LARGE = 1_000_000_000
"""Parameters from which activations are computed twice rather than kept."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The model to train, its processor, and the adapter settings when a new adapter is trained.

    ``digest`` names the weights below an adapter, a new one or one that is gone on from.
    """

    model: Any
    processor: Any
    lora: LoraSpec | None = None
    digest: str | None = None


class AnswerTrainer(FittingTrainer, SFTTrainer):  # type: ignore[misc]  # TRL's class is untyped
    """Learns the answers of samples; the loss of a step is the mean over all its answer tokens."""

    encoder: Encoder
    loss_is_scaled_for_ga = True

    def items_of(self, samples: Sequence[Sample]) -> list[Batch]:
        """What this process computes of the samples, encoded."""
        own, real = share_of(samples, self.crew.rank, self.crew.size)
        items = self.encoder.encoded(own)
        return [item if number < real else without_loss(item) for number, item in enumerate(items)]

    def weight_of(self, items: Sequence[Batch]) -> int:
        """Tokens of the padded batch and its picture patches."""
        return weight(items)

    def total_of(self, items: Sequence[Batch]) -> float:
        """Answer tokens of all processes."""
        return float(sum(self.crew.gather(answer_tokens(items))))

    def pass_over(self, model: nn.Module, portion: Sequence[Batch], step: StepOf) -> Tensor:
        """One pass; each loss is divided by the answer tokens of the whole step, so they add up."""
        # TRL divides the router's loss of a mixture of experts by it.
        self.current_gradient_accumulation_steps = step.portions
        tokens = torch.tensor(step.total, device=self.args.device)
        loss: Tensor = SFTTrainer.training_step(self, model, self.encoder.padded(portion), tokens)
        return loss


def load_base(spec: Spec, folder: Path, load: Callable[[Path], Any] = load_model) -> Base:
    """Load what the spec trains; an adapter to go on from is loaded on its own base.

    Raises ``TrainerProblem`` (model, and what loading raises).
    """
    below = base_of_adapter(folder)
    if below is None:
        model = load(folder)
        multiply_patches(model)
        _set_experts(model, spec.experts)
        if spec.method == "lora" or (spec.preferences is not None and spec.preferences.trains == "lora"):
            return Base(model=model, processor=load_processor(folder), lora=spec.lora, digest=base_digest(model))
        if spec.freeze:
            freeze(model, spec.freeze)
        return Base(model=model, processor=load_processor(folder))
    if spec.method == "full":
        raise TrainerProblem("model", f"{folder} is an adapter: merge it before full tuning.")
    model = load(below)
    multiply_patches(model)
    digest = base_digest(model)
    adapted = load_adapter(model, folder, trainable=True)
    _set_experts(adapted, spec.experts)
    return Base(model=adapted, processor=load_processor(folder), digest=digest)


def _set_experts(model: Any, experts: ExpertsSpec | None) -> None:
    """Raises ``TrainerProblem`` (model) when the model has no experts: the libraries would go on without a word."""
    if experts is None:
        return
    refuse_without_experts(model)
    if experts.active is not None:
        set_active_experts(model, experts.active)


def make_encoder(processor: Any, *, strict: bool = True) -> Encoder:
    """TRL's own collation, so that prompts and answers are rendered as TRL renders them."""
    collator = DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True)
    return Encoder(
        collator,
        pad=processor.tokenizer.pad_token_id,
        end=end_token(processor),
        strict=strict,
        patches="image_grid_thw" in processor.model_input_names,
    )


def make_trainer(
    spec: Spec,
    base: Base,
    samples: Sequence[Sample],
    *,
    encoder: Encoder,
    micro: MicroBatches,
    crew: Crew,
    total_steps: int,
    callbacks: list[TrainerCallback],
    output: Path,
    device: torch.device,
    bfloat16: bool,
) -> AnswerTrainer:
    """A trainer that makes one pass over the samples, in their order, and saves where the callback says so."""
    trainer = AnswerTrainer(
        model=base.model,
        args=SFTConfig(
            **common_arguments(spec, base, total_steps, output, device, bfloat16),
            max_length=None,
            completion_only_loss=True,
        ),
        data_collator=list,
        # TRL takes a `datasets.Dataset` only, and looks at one row to see that this is vision; building one of all
        # rows would copy them to Arrow and hash them.
        train_dataset=Dataset.from_list([{"images": [], "prompt": [], "completion": []}]),
        processing_class=base.processor,
        peft_config=adapter_of(base.model, base.lora) if base.lora else None,
        callbacks=callbacks,
    )
    trainer.train_dataset = OrderedSamples(samples)
    trainer.encoder, trainer.micro, trainer.crew = encoder, micro, crew
    trainer.remove_callback(PrinterCallback)
    return trainer


def make_scorer(trainer: AnswerTrainer, device: torch.device) -> Scorer:
    """The trainer's model for evaluation: same weights, same precision."""
    model = trainer.model
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model

    def hidden(**batch: Tensor) -> Tensor:
        states: Tensor = inner.base_model(**batch, use_cache=False).last_hidden_state
        return states

    return Scorer(
        model=model,
        hidden=hidden,
        head=inner.get_output_embeddings(),
        device=device,
        autocast=trainer.accelerator.autocast,
    )


def common_arguments(
    spec: Spec, base: Base, total_steps: int, output: Path, device: torch.device, bfloat16: bool
) -> dict[str, Any]:
    """What every training of ours asks of transformers' trainer: one pass in the order given, saved on demand."""
    schedules: Mapping[str, str] = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}
    return {
        "output_dir": str(output),
        "num_train_epochs": 1,
        "per_device_train_batch_size": spec.batch_size,
        "learning_rate": spec.learning_rate,
        "lr_scheduler_type": schedules[spec.schedule],
        "warmup_steps": round(spec.warmup_ratio * total_steps),
        "weight_decay": spec.weight_decay,
        "max_grad_norm": spec.gradient_clip,
        # None leaves the coefficient of the model's own configuration.
        "router_aux_loss_coef": spec.experts.router_loss if spec.experts else None,
        "train_sampling_strategy": "sequential",
        "activation_checkpointing": _checkpoints_activations(spec, base.model),
        "bf16": bfloat16,
        "use_cpu": device.type == "cpu",
        "ddp_backend": "gloo" if device.type == "cpu" and spec.processes > 1 else None,
        # A rank that is gone is noticed by the crew; one that evaluates for long is not gone.
        "ddp_timeout": LONG_SECONDS,
        # A step of texts alone leaves the vision tower without gradients.
        "ddp_find_unused_parameters": True,
        "seed": spec.seed,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",  # trackers are told by a callback of ours
        "project": PROJECT,
        "run_name": spec.key,
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": device.type == "cuda",
    }


def _checkpoints_activations(spec: Spec, model: nn.Module) -> bool:
    if spec.gradient_checkpointing == "auto":
        return sum(tensor.numel() for tensor in model.parameters()) > LARGE
    return spec.gradient_checkpointing == "on"


def adapter_of(model: nn.Module, lora: LoraSpec) -> Any:
    """The settings of an adapter on all linear layers of the language model.

    Raises ``TrainerProblem`` (adapterMatchesNothing; model when the experts' layers allow no dropout).
    """
    from peft import LoraConfig

    targets = adapter_targets(model)
    if targets.experts and lora.dropout > 0:
        raise TrainerProblem(
            "model", f"{type(model).__name__} has stacked experts, which allow no dropout: set lora.dropout to 0."
        )
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=targets.modules,
        target_parameters=list(targets.experts) or None,
        task_type="CAUSAL_LM",
    )
