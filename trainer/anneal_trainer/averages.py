"""What averages of a base and its tuned form score: every share in one process, and nothing is trained (R12)."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.files import path_of, write_json
from anneal_trainer.interpolate import refuse_unlike
from anneal_trainer.records import read_rows
from anneal_trainer.spec import Spec, read_filled, spec_from


@dataclass(frozen=True, kw_only=True)
class AveragesSpec:
    """What to average. Names are those of ``config/averaging.ts``; ``tuned`` is a whole model or an adapter."""

    training: Spec
    base: Path
    tuned: Path
    shares: tuple[float, ...]


def averages(spec_file: Path, out: Path) -> None:
    """Write the losses of base, tuned model and each average on the training's held-out sets, whole or not at all.

    Raises ``TrainerProblem`` (data, model, internal).
    """
    spec = read_averages_spec(spec_file)
    sets = {name: read_rows(source, spec.training.seed) for name, source in spec.training.evaluate.items()}
    quiet_libraries()
    with quick_imports():
        from anneal_trainer.crew import Crew
        from anneal_trainer.evaluation import Evaluator
        from anneal_trainer.probing.subject import load_subject
        from anneal_trainer.training import EVALUATION_ITEMS
    quiet_progress()
    subject = load_subject(spec.training, spec.tuned, [])
    evaluator = Evaluator(sets, subject.encoder, Crew(), batch_size=EVALUATION_ITEMS)
    move = _mover(subject.model, spec.base)
    found = []
    for share in sorted({0.0, 1.0, *spec.shares}, reverse=True):
        move(share)
        figures = evaluator.run(subject.scorer, lambda: False)
        assert figures is not None
        found.append(
            {
                "share": share,
                "losses": {name: one.loss for name, one in figures.items()},
                "standardErrors": {name: one.standard_error for name, one in figures.items()},
                "exact": {name: one.exact for name, one in figures.items()},
                "itemLosses": {name: dict(one.items) for name, one in figures.items()},
            }
        )
    write_json(out, {"schema": "anneal.averagesFigures/1", "averages": found})


def read_averages_spec(path: Path) -> AveragesSpec:
    """Read and check a spec.

    Raises ``TrainerProblem`` (internal).
    """
    filled = read_filled(path, "averages")
    return AveragesSpec(
        training=spec_from(filled["training"], path.name),
        base=path_of(filled["base"]),
        tuned=path_of(filled["tuned"]),
        shares=tuple(filled["shares"]),
    )


def _mover(model: Any, base: Path) -> Callable[[float], None]:
    """What moves the tuned model, in place, to a share of its tuning; the shares must fall from call to call."""
    from peft.tuners.lora import LoraLayer

    layers = [layer for layer in model.modules() if isinstance(layer, LoraLayer)]
    return _adapter_mover(layers) if layers else _weights_mover(model, base)


def _adapter_mover(layers: list[Any]) -> Callable[[float], None]:
    scalings = [(layer, dict(layer.scaling)) for layer in layers]

    def move(share: float) -> None:
        for layer, whole in scalings:
            layer.scaling.update({name: share * scale for name, scale in whole.items()})

    return move


def _weights_mover(model: Any, base: Path) -> Callable[[float], None]:
    """Each move goes from where the last one ended towards the base, so that two copies of the weights are enough."""
    import torch

    from anneal_trainer.models import load_model

    below = load_model(base)
    refuse_unlike(below, model)
    targets = dict(below.named_parameters())
    here = 1.0

    @torch.no_grad()
    def move(share: float) -> None:
        nonlocal here
        for name, weight in model.named_parameters():
            weight.lerp_(targets[name].to(weight), 1 - share / here)
        here = share

    return move
