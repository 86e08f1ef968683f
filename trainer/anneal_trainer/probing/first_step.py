"""Probes 4 and 5: the untouched model's loss, and what one optimizer step does to it."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import torch
from torch import Tensor, nn

from anneal_trainer.encoding import Batch
from anneal_trainer.evaluation import summarise
from anneal_trainer.probing.subject import TOGETHER, Subject

GroupName = Literal["language", "projector", "vision", "adapter"]
GROUPS: tuple[GroupName, ...] = ("language", "projector", "vision", "adapter")


def start(subject: Subject) -> dict[str, Any]:
    """Loss and entropy of the model before anything is trained."""
    subject.model.eval()
    losses: dict[str, float] = {}
    entropies: list[float] = []
    right = 0
    for samples in subject.batches(subject.rows):
        batch = subject.encoder(samples)
        means, exact = subject.scorer.score(batch)
        losses.update(zip((sample.row.id for sample in samples), means, strict=True))
        entropies.append(subject.scorer.entropy(batch) * len(samples))
        right += sum(exact)
    rows = subject.rows
    vocabulary = subject.config.get_text_config().vocab_size
    return {
        "loss": finite(summarise(losses, exact=0).loss),
        "entropy": finite(sum(entropies) / len(rows)),
        "uniform": math.log(vocabulary),
        "exact": right / len(rows),
        "told": sum(row.answer.strip().lower() in _question(row).lower() for row in rows) / len(rows),
        "missingWeights": subject.report.missing,
        "ignoredWeights": subject.report.ignored,
    }


def step(subject: Subject) -> dict[str, Any]:
    """Gradients by group of one batch, and what one step at the training's rate changes. Alters the model."""
    model = subject.model.train()
    named = list(model.named_parameters())
    before = {name: parameter.detach().clone() for name, parameter in named}
    batch = subject.encoder(subject.batches(subject.rows[:TOGETHER])[0])
    loss = train_once(subject, batch, make_optimizer(subject, subject.learning_rate))
    groups = [_group(name, [pair for pair in named if group_of(pair[0]) == name], before) for name in GROUPS]
    trained = [(before[name], parameter.detach()) for name, parameter in named if parameter.requires_grad]
    return {
        "loss": finite(loss),
        "groups": [group for group in groups if group["tensors"] > 0],
        "relativeUpdate": finite(_relative(trained)),
    }


def make_optimizer(subject: Subject, rate: float) -> torch.optim.Optimizer:
    """AdamW on what is trained, as the trainer makes it, at a constant rate."""
    trained = [parameter for parameter in subject.model.parameters() if parameter.requires_grad]
    # An optimizer of nothing is an error; a frozen model is a finding.
    trained = trained or [nn.Parameter(torch.zeros(1))]
    return torch.optim.AdamW(trained, lr=rate, weight_decay=subject.weight_decay)


def train_once(subject: Subject, batch: Batch, optimizer: torch.optim.Optimizer) -> float:
    """One step on one batch; its loss before the step."""
    optimizer.zero_grad(set_to_none=True)
    on_device = {name: tensor.to(subject.device) for name, tensor in batch.items()}
    with subject.autocast():
        loss: Tensor = subject.model(**on_device, use_cache=False).loss
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    trained = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    nn.utils.clip_grad_norm_(trained, subject.gradient_clip)
    optimizer.step()
    return float(loss.detach())


def group_of(name: str) -> GroupName:
    """The part of a vision-language model that a tensor belongs to, by the names that the families use."""
    if "lora_" in name:
        return "adapter"
    if any(word in name for word in ("merger", "projector", "multi_modal", "connector", "newline")):
        return "projector"
    return "vision" if any(word in name for word in ("visual", "vision")) else "language"


def finite(value: float | None) -> float | None:
    """None for what JSON can't hold."""
    return value if value is not None and math.isfinite(value) else None


def _group(
    name: GroupName, parameters: Sequence[tuple[str, nn.Parameter]], before: dict[str, Tensor]
) -> dict[str, Any]:
    trained = [parameter for _, parameter in parameters if parameter.requires_grad]
    norms = [float(torch.linalg.vector_norm(each.grad.float())) if each.grad is not None else 0.0 for each in trained]
    return {
        "name": name,
        "tensors": len(parameters),
        "trainable": len(trained),
        "gradientNorm": finite(math.hypot(*norms)) if norms else 0.0,
        "still": sum(norm == 0 for norm in norms),
        "moved": sum(not torch.equal(before[key], parameter.detach()) for key, parameter in parameters),
    }


def _relative(trained: Sequence[tuple[Tensor, Tensor]]) -> float:
    """Norm of all changes over the norm of all weights, in float64."""
    changed = sum(float((after.double() - before.double()).square().sum()) for before, after in trained)
    weights = sum(float(before.double().square().sum()) for before, _ in trained)
    return math.sqrt(changed / weights) if weights > 0 else 0.0


def _question(row: Any) -> str:
    return " ".join(part["text"] for message in row.prompt for part in message["content"] if part["type"] == "text")
