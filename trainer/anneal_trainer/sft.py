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

from anneal_trainer.encoding import Batch, Encoder, Sample, answer_tokens, end_token
from anneal_trainer.evaluation import Scorer
from anneal_trainer.memory import MicroBatches, room_for_moments, untouched
from anneal_trainer.models import (
    base_digest,
    base_of_adapter,
    load_adapter,
    load_adapter_weights,
    load_model,
    load_processor,
)
from anneal_trainer.parts import adapter_targets, freeze
from anneal_trainer.problems import TrainerProblem, is_full_disk
from anneal_trainer.spec import LoraSpec, Spec

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


class AnswerTrainer(SFTTrainer):  # type: ignore[misc]  # TRL's class is untyped
    """TRL's trainer, with a strict resume and steps of our own: micro-batches that shrink until they fit.

    The loader hands over the samples of a whole step, not tensors, so that the order of samples, the schedule and a
    resume do not depend on the micro-batch.
    """

    encoder: Encoder
    micro: MicroBatches
    on_full_disk: Callable[[Exception], None]
    loss_is_scaled_for_ga = True
    _total_train_tokens: float

    def get_train_dataloader(self) -> DataLoader[Sample]:
        """The samples of one step at a time, in their order."""
        return DataLoader(self.train_dataset, batch_size=self.args.per_device_train_batch_size, collate_fn=list)

    def training_step(self, model: nn.Module, inputs: Sequence[Sample], num_items_in_batch: object = None) -> Tensor:
        """Gradients of one optimizer step; the mean loss over all its answer tokens.

        Raises ``TrainerProblem`` (memory) when one sample at a time is too much.
        """
        items = self.encoder.encoded(inputs)
        return self.micro.until_it_fits(lambda: self._accumulate(model, items), undo=model.zero_grad)

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
        tokens = torch.tensor(float(answer_tokens(items)), device=self.args.device)
        portions = self.micro.portions(items)
        # TRL divides the router's loss of a mixture of experts by it.
        self.current_gradient_accumulation_steps = len(portions)
        total = torch.zeros((), device=self.args.device)
        for number, portion in enumerate(portions, 1):
            with nullcontext() if number == len(portions) else self.accelerator.no_sync(model):
                total += super().training_step(model, self.encoder.padded(portion), tokens)
        return total

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Save, or go on without this checkpoint when the disk is full."""
        try:
            super()._save_checkpoint(model, trial)
        except Exception as error:
            if not is_full_disk(error):
                raise
            self.on_full_disk(error)

    def floating_point_ops(self, inputs: object) -> int:
        """Not counted: nobody reads it."""
        return 0

    def _load_from_checkpoint(self, resume_from_checkpoint: str, model: Any = None) -> None:
        """Load all weights of a checkpoint or none.

        The library's own way warns of keys that differ and goes on from the base; a family whose files name weights
        otherwise than its modules do (Qwen3-VL with experts, InternVL, Gemma 3) would lose all it had learnt.
        """
        folder, own = Path(resume_from_checkpoint), self.model if model is None else model
        if hasattr(own, "get_base_model"):
            load_adapter_weights(own, folder)
        else:
            own.load_state_dict(load_model(folder).state_dict())

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


def load_base(spec: Spec, folder: Path, load: Callable[[Path], Any] = load_model) -> Base:
    """Load what the spec trains; an adapter to go on from is loaded on its own base.

    Raises ``TrainerProblem`` (model, and what loading raises).
    """
    below = base_of_adapter(folder)
    if below is None:
        model = load(folder)
        if spec.method == "lora":
            return Base(model=model, processor=load_processor(folder), lora=spec.lora, digest=base_digest(model))
        if spec.freeze:
            freeze(model, spec.freeze)
        return Base(model=model, processor=load_processor(folder))
    if spec.method == "full":
        raise TrainerProblem("model", f"{folder} is an adapter: merge it before full tuning.")
    model = load(below)
    digest = base_digest(model)
    adapted = load_adapter(model, folder, trainable=True)
    return Base(model=adapted, processor=load_processor(folder), digest=digest)


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
    trainer.encoder, trainer.micro = encoder, micro
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
