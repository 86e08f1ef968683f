"""Steps of our own on TRL's trainers: micro-batches that shrink until they fit, strict resumes, full disks survived."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import Trainer
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from anneal_trainer.checkpoints import STATE, step_of
from anneal_trainer.crew import Crew
from anneal_trainer.encoding import Sample
from anneal_trainer.experts import note_active_experts
from anneal_trainer.memory import MicroBatches, room_for_moments, untouched
from anneal_trainer.models import load_adapter_weights, load_model
from anneal_trainer.problems import TrainerProblem, is_full_disk, is_memory


@dataclass(frozen=True, kw_only=True)
class StepOf:
    """A step as its micro-batches need to know it: ``total`` is what its loss is a mean over."""

    total: float
    portions: int


class OrderedSamples(torch.utils.data.Dataset[Sample]):
    """The samples of a job in the order of training."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    def __len__(self) -> int:
        return len(self._samples)

    def __getitem__(self, index: int) -> Sample:
        return self._samples[index]


class FittingTrainer(Trainer, ABC):  # type: ignore[misc]  # transformers' class is untyped
    """To be mixed in before a trainer of TRL's; a subclass says what its items are and what a micro-batch costs.

    The loader hands over the samples of a whole step, not tensors, so that the order of samples, the schedule and a
    resume do not depend on the micro-batch.
    """

    micro: MicroBatches
    crew: Crew
    on_full_disk: Callable[[str], None]
    _metrics: dict[str, Any]
    _total_train_tokens: float

    @abstractmethod
    def items_of(self, samples: Sequence[Sample]) -> Sequence[Any]:
        """What this process computes of the samples of a step, as what can be split into micro-batches."""

    @abstractmethod
    def weight_of(self, items: Sequence[Any]) -> int:
        """What the memory of a step grows with."""

    @abstractmethod
    def pass_over(self, model: nn.Module, portion: Sequence[Any], step: StepOf) -> Tensor:
        """Gradients of one micro-batch; its part of the loss of the step."""

    @abstractmethod
    def total_of(self, items: Sequence[Any]) -> float:
        """What the loss of a step is a mean over, in all processes."""

    def get_train_dataloader(self) -> DataLoader[Sample]:
        """The samples of one step at a time, in their order."""
        return DataLoader(self.train_dataset, batch_size=self.args.per_device_train_batch_size, collate_fn=list)

    def training_step(self, model: nn.Module, inputs: Sequence[Sample], num_items_in_batch: object = None) -> Tensor:
        """Gradients of one optimizer step, and its loss.

        Raises ``TrainerProblem`` (memory) when one sample at a time is too much.
        """
        items = self.items_of(inputs)
        return self.micro.until_it_fits(lambda: self._accumulate(model, items), undo=model.zero_grad)

    def dry_step(self, items: Sequence[Any]) -> None:
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

    def _accumulate(self, model: nn.Module, items: Sequence[Any]) -> Tensor:
        portions = self.micro.portions(items)
        step = StepOf(total=self.total_of(items), portions=len(portions))
        total = torch.zeros((), device=self.args.device)
        for number, portion in enumerate(portions, 1):
            with nullcontext() if number == len(portions) else self.accelerator.no_sync(model):
                total += self.pass_over(model, portion, step)
        return total

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        """Save, or go on without this checkpoint when the disk is full. Every process writes its random states."""
        full: Exception | None = None
        try:
            super()._save_checkpoint(model, trial)
            if self.crew.leads and hasattr(self.model, "get_base_model"):
                note_active_experts(self._folder_of_step(), self.model)
        except Exception as error:
            if not is_full_disk(error):
                raise
            full = error
        said = next((word for word in self.crew.gather(str(full) if full else None) if word is not None), None)
        if said is not None:
            self.on_full_disk(said)

    def _folder_of_step(self) -> Path:
        return Path(self.args.output_dir) / f"{PREFIX_CHECKPOINT_DIR}-{self.state.global_step}"

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

    def _load_optimizer_and_scheduler(self, checkpoint: str | None) -> None:
        with _named(checkpoint, "the optimizer's state"):
            super()._load_optimizer_and_scheduler(checkpoint)
        if checkpoint is not None:
            _refuse_other_step(Path(checkpoint), self.optimizer)

    def _load_rng_state(self, checkpoint: str | None) -> None:
        with _named(checkpoint, "the random states"):
            super()._load_rng_state(checkpoint)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """Write nothing: the report says how a model was made."""


@contextmanager
def _named(checkpoint: str | None, what: str) -> Iterator[None]:
    """Raises ``TrainerProblem`` (checkpointBroken) where the library's own words name no file."""
    try:
        yield
    except Exception as error:
        if is_memory(error):
            raise
        first = str(error).strip().split("\n")[0]
        raise TrainerProblem("checkpointBroken", f"{checkpoint}: {what} can't be loaded: {first}") from error


def _refuse_other_step(checkpoint: Path, optimizer: torch.optim.Optimizer) -> None:
    """Raise ``TrainerProblem`` (checkpointBroken) when the files of a checkpoint are of several steps."""
    taken = max((int(state["step"]) for state in optimizer.state.values() if "step" in state), default=None)
    if taken is not None and taken != step_of(checkpoint):
        raise TrainerProblem(
            "checkpointBroken",
            f"{checkpoint}: the optimizer's state is of step {taken}, {STATE} of step {step_of(checkpoint)}.",
        )
