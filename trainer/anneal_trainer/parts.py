"""The parts of a vision-language model, found by its structure: what is trained, frozen and adapted is said by them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from torch import nn

from anneal_trainer.problems import TrainerProblem

Part = Literal["vision", "projector", "language"]

MERGERS = ("merger", "deepstack_merger_list")
"""Projectors that lie inside the vision tower: Qwen2-VL to Qwen3.5, and what is built like them."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Names of modules. ``language`` is the decoder without the head; ``projector`` all that joins the two.

    ``projector`` names bare parameters too, such as the mark at the end of a row of tiles (``image_newline``).
    """

    language: str
    vision: str
    projector: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AdapterTargets:
    """What an adapter changes: ``modules`` is a pattern of whole names, ``experts`` names stacked matrices."""

    modules: str
    experts: tuple[str, ...]


def parts_of(model: Any) -> Parts:
    """The parts of a model of transformers, by its own word on which module decodes and which one sees.

    Raises ``TrainerProblem`` (model) when it names none.
    """
    names = {module: name for name, module in model.named_modules()}
    language, vision = names.get(model.get_decoder(), ""), names.get(model.get_encoder(modality="image"), "")
    if not language or not vision:
        raise TrainerProblem(
            "model",
            f"{type(model).__name__} does not say which of its modules is its "
            f"{'language model' if not language else 'vision tower'}: Anneal can't tell what to train in it.",
        )
    tower = model.get_submodule(vision)
    inside = [f"{vision}.{name}" for name in MERGERS if hasattr(tower, name)]
    beside = [
        f"{names[model.base_model]}.{name}".lstrip(".")
        for name, module in model.base_model.named_children()
        if module not in (tower, model.get_decoder()) and any(True for _ in module.parameters())
    ]
    beside += [
        f"{names[model.base_model]}.{name}".lstrip(".") for name, _ in model.base_model.named_parameters(recurse=False)
    ]
    return Parts(language=language, vision=vision, projector=(*inside, *beside))


def freeze(model: Any, parts: Sequence[Part]) -> None:
    """Take the named parts out of training. The head belongs to the language model, mergers to the projector.

    Raises ``TrainerProblem`` (model) when nothing is left to train.
    """
    found = parts_of(model)
    for name, parameter in model.named_parameters():
        if _part_of(name, found) in parts:
            parameter.requires_grad_(False)
    if not any(parameter.requires_grad for parameter in model.parameters()):
        raise TrainerProblem("model", f"freeze names {', '.join(parts)}: nothing is left to train.")


def _part_of(parameter: str, parts: Parts) -> Part:
    """The part of a parameter by its name: mergers lie inside the vision tower, and the head lies outside of all."""

    def within(names: Sequence[str]) -> bool:
        return any(parameter == name or parameter.startswith(f"{name}.") for name in names)

    if within(parts.projector):
        return "projector"
    return "vision" if within([parts.vision]) else "language"


def adapter_targets(model: Any) -> AdapterTargets:
    """All linear layers of the language model, experts included: attention alone is worse (methods.md M6).

    Neither the vision tower nor the head is among them, nor a router of experts.
    Raises ``TrainerProblem`` (adapterMatchesNothing).
    """
    language = parts_of(model).language
    decoder = model.get_submodule(language)
    linear = {name.rsplit(".", 1)[-1] for name, module in decoder.named_modules() if isinstance(module, nn.Linear)}
    experts = tuple(f"{language}.{name}" for name in _experts(decoder))
    if not linear and not experts:
        raise TrainerProblem(
            "adapterMatchesNothing",
            f"{type(model).__name__} has no linear layer under {language}: LoRA finds nothing to adapt. "
            "Set recipe.training.method to full.",
        )
    pattern = rf"{language.replace('.', '[.]')}[.](.*[.])?({'|'.join(sorted(linear))})"
    return AdapterTargets(modules=pattern, experts=experts)


def _experts(decoder: nn.Module) -> Iterator[str]:
    """Parameters that hold one matrix an expert, stacked; the kernels of convolutions have three dimensions too."""
    for name, module in decoder.named_modules():
        if isinstance(module, nn.modules.conv._ConvNd):
            continue
        for own, parameter in module.named_parameters(recurse=False):
            if parameter.ndim == 3:
                yield f"{name}.{own}"
