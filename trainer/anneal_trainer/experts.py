"""How many experts of a mixture see each token: set in the model, and kept beside an adapter."""

from pathlib import Path
from typing import Any

from anneal_trainer.files import read_json, write_json
from anneal_trainer.problems import TrainerProblem

EXPERTS = "experts.json"
"""Beside the weights of an adapter: with how many experts it was trained."""


def set_active_experts(model: Any, active: int) -> None:
    """Route each token to so many experts from now on; the configuration that is saved with the model says so.

    Raises ``TrainerProblem`` (model) when the model has no experts, or fewer.
    """
    refuse_without_experts(model)
    routers = _routers(model)
    most = min(router.num_experts for router in routers)
    if active > most:
        raise TrainerProblem("model", f"experts.active is {active}, and {_name(model)} has {most} experts in a layer.")
    for router in routers:
        router.top_k = active
    model.config.get_text_config().num_experts_per_tok = active


def active_experts(model: Any) -> int | None:
    """How many experts see a token; None for a dense model."""
    routers = _routers(model)
    return int(routers[0].top_k) if routers else None


def refuse_without_experts(model: Any) -> None:
    """Raise ``TrainerProblem`` (model) for a dense model: a setting of experts would be left without effect."""
    if not _routers(model):
        raise TrainerProblem("model", f"{_name(model)} has no experts that Anneal knows: leave the spec's experts out.")


def note_active_experts(folder: Path, model: Any) -> None:
    """Write beside an adapter of a mixture of experts what its base's configuration may say otherwise."""
    active = active_experts(model)
    if active is not None:
        write_json(folder / EXPERTS, {"active": active})


def take_active_experts(model: Any, adapter: Path) -> None:
    """Set what was noted beside an adapter; those of before noted nothing, and were trained as their base is."""
    if (adapter / EXPERTS).exists():
        set_active_experts(model, read_json(adapter / EXPERTS)["active"])


def _routers(model: Any) -> list[Any]:
    """The modules that choose experts, known by what they hold; each has the configuration's number for its own."""
    return [module for module in model.modules() if hasattr(module, "top_k") and hasattr(module, "num_experts")]


def _name(model: Any) -> str:
    whole = model.get_base_model() if hasattr(model, "get_base_model") else model
    return type(whole).__name__
