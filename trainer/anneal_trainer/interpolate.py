"""A model between its base and what tuning made of it: base + share * (tuned - base), WiSE-FT (2109.01903)."""

from pathlib import Path
from typing import Any

from anneal_trainer.derived import is_made, write_derived
from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.experts import active_experts, set_active_experts
from anneal_trainer.model_info import digest_of
from anneal_trainer.problems import TrainerProblem

SOURCE = "interpolated.json"


def interpolate(base: Path, tuned: Path, share: float, out: Path) -> None:
    """Write the model in float32 under ``out``, by rename; nothing is done when it is there already.

    ``tuned`` is a whole model, or an adapter on ``base``, which gives an adapter of ``share`` times its effect;
    ``share`` is 0 for the base and 1 for the tuned model.

    Raises ``TrainerProblem`` (model) when a folder can't be loaded, when the two are not one architecture, or when
    ``out`` holds something else.
    """
    source = {"model": digest_of(base), "tuned": digest_of(tuned), "share": share}
    if is_made(out, SOURCE, source):
        return
    if not 0 <= share <= 1:
        raise TrainerProblem("model", f"The share is {share}; it must be from 0 (the base) to 1 (the tuned model).")
    quiet_libraries()
    with quick_imports():
        from anneal_trainer.models import base_of_adapter, load_adapter, load_model, load_processor

    quiet_progress()
    model = load_model(base)
    if base_of_adapter(tuned) is None:
        above = load_model(tuned)
        _blend(model, above, share)
        active = active_experts(above)
        if active is not None:
            set_active_experts(model, active)
    else:
        model = load_adapter(model, tuned)
        _scale(model, share)
    write_derived(out, SOURCE, source, model=model, processor=load_processor(base))


def refuse_unlike(below: Any, above: Any) -> None:
    """Raise ``TrainerProblem`` (model) unless two models have the same weights by name and shape."""
    shapes = [{name: weight.shape for name, weight in model.named_parameters()} for model in (below, above)]
    if shapes[0] != shapes[1]:
        raise TrainerProblem(
            "model", "The two models differ in their weights' names or shapes: the base is another one."
        )


def _blend(below: Any, above: Any, share: float) -> None:
    """Move every weight of ``below`` towards that of ``above``, in place."""
    import torch

    refuse_unlike(below, above)
    targets = dict(above.named_parameters())
    with torch.no_grad():
        for name, weight in below.named_parameters():
            weight.lerp_(targets[name].to(weight.dtype), share)


def _scale(adapted: Any, share: float) -> None:
    """Multiply what an adapter adds, in place: one of its two factors."""
    import torch

    with torch.no_grad():
        for name, weight in adapted.named_parameters():
            if "lora_B" in name:
                weight.mul_(share)
