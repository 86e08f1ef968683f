"""The only file that knows TRL: its trainer, its collator, and what of their insides we rely on (TRL 1.16)."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

from anneal_trainer.crew import Crew
from anneal_trainer.encoding import Batch, Encoder, Sample, answer_tokens, share_of, without_loss
from anneal_trainer.evaluation import Scorer
from anneal_trainer.memory import MicroBatches, room_for_moments, untouched
from anneal_trainer.models import base_of_adapter, load_adapter, load_model, load_processor
from anneal_trainer.problems import TrainerProblem, is_full_disk
from anneal_trainer.spec import LoraSpec, Spec

LONG_SECONDS = 24 * 60 * 60

LARGE = 1_000_000_000
"""Parameters from which activations are computed twice rather than kept."""


@dataclass(frozen=True, kw_only=True)
class Base:
    """The model to train, its processor, and the adapter settings when only an adapter is trained."""

    model: Any
    processor: Any
    lora: LoraSpec | None


class AnswerTrainer(SFTTrainer):  # type: ignore[misc]  # TRL's class is untyped
    """TRL's trainer, with steps of our own: micro-batches that shrink until they fit.

    The loader hands over the samples of a whole step, not tensors, so that the order of samples, the schedule and a
    resume do not depend on the micro-batch.
    """

    encoder: Encoder
    micro: MicroBatches
    crew: Crew
    on_full_disk: Callable[[str], None]
    loss_is_scaled_for_ga = True

    def get_train_dataloader(self) -> DataLoader[Sample]:
        """The samples of one step at a time, in their order."""
        return DataLoader(self.train_dataset, batch_size=self.args.per_device_train_batch_size, collate_fn=list)

    def training_step(self, model: nn.Module, inputs: Sequence[Sample], num_items_in_batch: object = None) -> Tensor:
        """Gradients of one optimizer step; the mean loss over all its answer tokens.

        Raises ``TrainerProblem`` (memory) when one sample at a time is too much.
        """
        items = self.share(inputs)
        return self.micro.until_it_fits(lambda: self._accumulate(model, items), undo=model.zero_grad)

    def share(self, samples: Sequence[Sample]) -> list[Batch]:
        """What this process computes of a step, encoded."""
        own, real = share_of(samples, self.crew.rank, self.crew.size)
        items = self.encoder.encoded(own)
        return [item if number < real else without_loss(item) for number, item in enumerate(items)]

    def dry_step(self, items: Sequence[Batch]) -> None:
        """Take a step that changes nothing, so that memory runs out now rather than hours later.

        Raises ``TrainerProblem`` (memory).
        """
        model = self.model_wrapped
        metrics, tokens = {name: dict(kept) for name, kept in self._metrics.items()}, self._total_train_tokens

        def compute() -> Tensor:
            room = [] if self.optimizer.state else room_for_moments(model)
            loss = self._accumulate(model, items)
            del room
            return loss

        with untouched(model):
            self.micro.until_it_fits(compute, undo=model.zero_grad)
        for name, kept in metrics.items():
            self._metrics[name].clear()
            self._metrics[name].update(kept)
        self._total_train_tokens = tokens

    def _accumulate(self, model: nn.Module, items: Sequence[Batch]) -> Tensor:
        """One pass a micro-batch. Each loss is divided by the answer tokens of the whole step, so they add up."""
        tokens = torch.tensor(float(sum(self.crew.gather(answer_tokens(items)))), device=self.args.device)
        portions = self.micro.portions(items)
        total = torch.zeros((), device=self.args.device)
        for number, portion in enumerate(portions, 1):
            with nullcontext() if number == len(portions) else self.accelerator.no_sync(model):
                total += super().training_step(model, self.encoder.padded(portion), tokens)
        return total

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Save, or go on without this checkpoint when the disk is full. Every process writes its random states."""
        full: Exception | None = None
        try:
            super()._save_checkpoint(model, trial)
        except Exception as error:
            if not is_full_disk(error):
                raise
            full = error
        said = next((word for word in self.crew.gather(str(full) if full else None) if word is not None), None)
        if said is not None:
            self.on_full_disk(said)

    def floating_point_ops(self, inputs: object) -> int:
        """Not counted: nobody reads it."""
        return 0

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
    micro: MicroBatches,
    crew: Crew,
    total_steps: int,
    callback: TrainerCallback,
    output: Path,
    device: torch.device,
    bfloat16: bool,
) -> AnswerTrainer:
    """A trainer that makes one pass over the samples, in their order, and saves where the callback says so."""
    trainer = AnswerTrainer(
        model=base.model,
        args=_arguments(spec, base, total_steps, output, device, bfloat16),
        data_collator=list,
        # TRL takes a `datasets.Dataset` only, and looks at one row to see that this is vision; building one of all
        # rows would copy them to Arrow and hash them.
        train_dataset=Dataset.from_list([{"images": [], "prompt": [], "completion": []}]),
        processing_class=base.processor,
        peft_config=_adapter_of(base.model, base.lora) if base.lora else None,
        callbacks=[callback],
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


def _arguments(
    spec: Spec, base: Base, total_steps: int, output: Path, device: torch.device, bfloat16: bool
) -> SFTConfig:
    schedules: Mapping[str, str] = {"constant": "constant_with_warmup", "linear": "linear", "cosine": "cosine"}
    return SFTConfig(
        output_dir=str(output),
        num_train_epochs=1,
        per_device_train_batch_size=spec.batch_size,
        learning_rate=spec.learning_rate,
        lr_scheduler_type=schedules[spec.schedule],
        warmup_steps=round(spec.warmup_ratio * total_steps),
        weight_decay=spec.weight_decay,
        max_grad_norm=spec.gradient_clip,
        train_sampling_strategy="sequential",
        activation_checkpointing=_checkpoints_activations(spec, base.model),
        bf16=bfloat16,
        use_cpu=device.type == "cpu",
        ddp_backend="gloo" if device.type == "cpu" and spec.processes > 1 else None,
        # A rank that is gone is noticed by the crew; one that evaluates for long is not gone.
        ddp_timeout=LONG_SECONDS,
        # A step of texts alone leaves the vision tower without gradients.
        ddp_find_unused_parameters=True,
        seed=spec.seed,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="no",
        report_to=list(spec.trackers) or "none",
        run_name=spec.key,
        disable_tqdm=True,
        max_length=None,
        completion_only_loss=True,
        remove_unused_columns=False,
        dataloader_num_workers=0,
        dataloader_pin_memory=device.type == "cuda",
    )


def _checkpoints_activations(spec: Spec, model: nn.Module) -> bool:
    if spec.gradient_checkpointing == "auto":
        return sum(tensor.numel() for tensor in model.parameters()) > LARGE
    return spec.gradient_checkpointing == "on"


def _adapter_of(model: nn.Module, lora: LoraSpec) -> Any:
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
