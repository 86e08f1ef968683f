"""Supervised tuning by TRL: its trainer, its collator, and what of their insides we rely on (TRL 1.16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from anneal_trainer.encoding import Encoder, Sample
from anneal_trainer.evaluation import Scorer
from anneal_trainer.models import base_of_adapter, load_adapter, load_model, load_processor
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.spec import LoraSpec, Spec

LARGE = 1_000_000_000
"""Parameters from which activations are computed twice rather than kept."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The model to train, its processor, and the adapter settings when only an adapter is trained."""

    model: Any
    processor: Any
    lora: LoraSpec | None


class AnswerTrainer(SFTTrainer):  # type: ignore[misc]  # TRL's class is untyped
    """TRL's trainer without the model card that it writes into every checkpoint."""

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write nothing: the report says how a model was made."""


class OrderedSamples(torch.utils.data.Dataset[Sample]):
    """The samples of a job in the order of training."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]


def load_base(spec: Spec, folder: Path) -> Base:
    """Load what the spec trains; an adapter to go on from is loaded on its own base.

    Raises ``TrainerProblem`` (model).
    """
    below = base_of_adapter(folder)
    if below is None:
        lora = spec.lora if spec.method == "lora" else None
        return Base(model=load_model(folder), processor=load_processor(folder), lora=lora)
    if spec.method == "full":
        raise TrainerProblem("model", f"{folder} is an adapter: merge it before full tuning.")
    model = load_adapter(load_model(below), folder, trainable=True)
    return Base(model=model, processor=load_processor(folder), lora=None)


def make_encoder(processor: Any) -> Encoder:
    """TRL's own collation, so that prompts and answers are rendered as TRL renders them."""
    tokenizer = processor.tokenizer
    collator = DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True)
    return Encoder(collator, pad=tokenizer.pad_token_id, end=tokenizer.eos_token_id)


def make_trainer(
    spec: Spec,
    base: Base,
    samples: Sequence[Sample],
    *,
    encoder: Encoder,
    total_steps: int,
    callback: TrainerCallback,
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
        data_collator=encoder,
        # TRL takes a `datasets.Dataset` only, and looks at one row to see that this is vision; building one of all
        # rows would copy them to Arrow and hash them.
        train_dataset=Dataset.from_list([{"images": [], "prompt": [], "completion": []}]),
        processing_class=base.processor,
        peft_config=adapter_of(base.model, base.lora) if base.lora else None,
        callbacks=[callback],
    )
    trainer.train_dataset = OrderedSamples(samples)
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


def fingerprint(model: nn.Module) -> list[tuple[float, float]]:
    """Sum and norm of every trained tensor, in float64: equal only if nothing was learnt."""
    return [
        (
            float(parameter.detach().sum(dtype=torch.float64)),
            float(torch.linalg.vector_norm(parameter.detach(), dtype=torch.float64)),
        )
        for parameter in model.parameters()
        if parameter.requires_grad
    ]


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
        "train_sampling_strategy": "sequential",
        "activation_checkpointing": sum(tensor.numel() for tensor in base.model.parameters()) > LARGE,
        "bf16": bfloat16,
        "use_cpu": device.type == "cpu",
        "seed": spec.seed,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "remove_unused_columns": False,
        "dataloader_num_workers": 0,
        "dataloader_pin_memory": device.type == "cuda",
    }


def adapter_of(model: nn.Module, lora: LoraSpec) -> Any:
    """An adapter on all linear layers of the language model: attention alone is worse (methods.md M6)."""
    from peft import LoraConfig

    names = {
        name.rsplit(".", 1)[-1]
        for name, module in model.named_modules()
        if isinstance(module, nn.Linear) and "language_model" in name
    }
    if not names:
        raise TrainerProblem(
            "model", "The model has no linear layer under language_model: LoRA finds nothing to adapt."
        )
    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=lora.dropout,
        target_modules=rf".*language_model.*\.({'|'.join(sorted(names))})",
        task_type="CAUSAL_LM",
    )
