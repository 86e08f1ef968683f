"""A model between its base and what tuning made of it: base + share * (tuned - base), WiSE-FT (2109.01903)."""

from pathlib import Path
from typing import Any

from anneal_trainer.derived import is_made, write_derived
from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.model_info import digest_of
from anneal_trainer.problems import TrainerProblem

SOURCE = "interpolated.json"


def interpolate(base: Path, tuned: Path, share: float, out: Path) -> None:
    """Write the model in float32 under ``out``, by rename; nothing is done when it is there already.

    ``tuned`` is a whole model or an adapter on ``base``; ``share`` is 0 for the base and 1 for the tuned model.

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
    below = load_model(base)
    whole = base_of_adapter(tuned) is None
    above = load_model(tuned) if whole else load_adapter(load_model(base), tuned).merge_and_unload()
    _blend(below, above, share)
    write_derived(out, SOURCE, source, model=below, processor=load_processor(base))


def _blend(below: Any, above: Any, share: float) -> None:
    """Move every weight of ``below`` towards that of ``above``, in place."""
    import torch

    targets = dict(above.named_parameters())
    shapes = {name: weight.shape for name, weight in below.named_parameters()}
    if shapes != {name: weight.shape for name, weight in targets.items()}:
        raise TrainerProblem(
            "model", "The two models differ in their weights' names or shapes: the base is another one."
        )
    with torch.no_grad():
        for name, weight in below.named_parameters():
            weight.lerp_(targets[name].to(weight.dtype), share)
