"""Loading models, processors and adapters: whole, fitting, with every weight at its place, or refused by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import torch
from torch import nn

from anneal_trainer.checkpoints import ADAPTER, MARK, read_safetensors_header, weights_fault
from anneal_trainer.experts import take_active_experts
from anneal_trainer.files import read_json
from anneal_trainer.model_info import WEIGHTS, digest_of
from anneal_trainer.problems import TrainerProblem

ADAPTER_WEIGHTS = "adapter_model.safetensors"
SHOWN = 3
"""Names of weights that a message shows."""


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """Tensors that the model has and its folder lacks (they are random now), and those it had no place for."""

    missing: int
    ignored: int


def load_model(folder: Path) -> Any:
    """The whole model of a folder in float32, the precision that training and checkpoints keep.

    Raises ``TrainerProblem`` (model, checkpointBroken, keysDiffer).
    """
    model, info = _loaded(folder)
    refuse_other_keys(folder, missing=info["missing_keys"], unexpected=info["unexpected_keys"])
    return model


def load_model_and_report(folder: Path) -> tuple[Any, LoadReport]:
    """As ``load_model``, but with what did not fit rather than a refusal: the libraries go on with a warning.

    Raises ``TrainerProblem`` (model, checkpointBroken).
    """
    model, info = _loaded(folder)
    missing = len(info["missing_keys"]) + len(info["mismatched_keys"])
    return model, LoadReport(missing=missing, ignored=len(info["unexpected_keys"]))


def _loaded(folder: Path) -> tuple[Any, Mapping[str, Any]]:
    from transformers import AutoModelForImageTextToText

    if not (folder / "config.json").is_file():
        raise TrainerProblem("model", f"{folder} holds no config.json, so it is not a model.")
    with _Loading(folder):
        refuse_broken(folder)
        model, info = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
    return model, info


def load_processor(folder: Path) -> Any:
    """The processor (template, tokenizer, picture sizes) of a folder.

    Raises ``TrainerProblem`` (model).
    """
    from transformers import AutoProcessor

    with _Loading(folder):
        return AutoProcessor.from_pretrained(folder, local_files_only=True)


def load_adapter(model: Any, folder: Path, *, trainable: bool = False) -> Any:
    """The model with the adapter of a folder on it, as PEFT's class, as many experts active as it was trained with.

    Raises ``TrainerProblem`` (model, checkpointBroken, keysDiffer, adapterMatchesNothing, adapterOfAnotherBase).
    """
    from peft import PeftModel

    refuse_other_base(folder, model)
    with _Loading(folder):
        refuse_broken(folder)
        try:
            adapted = PeftModel.from_pretrained(model, folder, is_trainable=trainable)
        except RuntimeError as error:
            if "size mismatch" in str(error):
                raise _another_base(folder, model, "its matrices have other sizes") from error
            raise
        except ValueError as error:
            if "not found in the base model" in str(error):
                raise TrainerProblem(
                    "adapterMatchesNothing",
                    f"{folder} adapts modules that {type(model).__name__} has not: name the model it was trained on.",
                ) from error
            raise
    _refuse_other_adapter_keys(adapted, folder)
    take_active_experts(adapted, folder)
    return adapted


def load_adapter_weights(adapted: Any, folder: Path) -> None:
    """Put the weights of an adapter's checkpoint into an adapter that is there already.

    Raises ``TrainerProblem`` (model, checkpointBroken, keysDiffer, adapterOfAnotherBase).
    """
    refuse_other_base(folder, adapted)
    with _Loading(folder):
        refuse_broken(folder)
        adapted.load_adapter(folder, adapted.active_adapter, is_trainable=True)
    _refuse_other_adapter_keys(adapted, folder)


def base_of_adapter(folder: Path) -> Path | None:
    """The folder of the model below an adapter; None when the folder holds no adapter."""
    if not (folder / ADAPTER).exists():
        return None
    with _Loading(folder):
        return Path(read_json(folder / ADAPTER)["base_model_name_or_path"])


def fingerprint(parameters: Iterable[tuple[str, nn.Parameter]]) -> Mapping[str, tuple[float, float]]:
    """Sum and norm of every tensor, in float64: equal only if nothing was changed."""
    return {
        name: (
            float(parameter.detach().sum(dtype=torch.float64)),
            float(torch.linalg.vector_norm(parameter.detach(), dtype=torch.float64)),
        )
        for name, parameter in parameters
    }


def refuse_broken(folder: Path) -> None:
    """Raise ``TrainerProblem`` (checkpointBroken) when weights are cut off, not all there, or none."""
    fault = weights_fault(folder)
    if fault is not None:
        raise TrainerProblem("checkpointBroken", f"{folder}: {fault}. Copy it again, or take another checkpoint.")


def refuse_other_keys(folder: Path, *, missing: Iterable[str], unexpected: Iterable[str]) -> None:
    """Raise ``TrainerProblem`` (keysDiffer) unless exactly the model's weights were in the folder.

    Libraries only warn: what is missing stays random, what is unexpected is thrown away.
    """
    lacks, extra = sorted(missing), sorted(unexpected)
    if lacks or extra:
        says = [_names("lacks", lacks), _names("holds, unknown to the model,", extra)]
        raise TrainerProblem(
            "keysDiffer",
            f"{folder} {' and '.join(part for part in says if part)}. Its weights are not those of its configuration.",
        )


def refuse_other_base(adapter: Path, model: Any) -> None:
    """Raise ``TrainerProblem`` (adapterOfAnotherBase) when the adapter's mark names other weights than the model's."""
    mark = adapter / MARK
    expected = read_json(mark).get("base") if mark.exists() else None
    if expected is not None and expected != base_digest(model):
        raise _another_base(adapter, model, "the weights differ from those it was trained on")


def base_digest(model: Any) -> str:
    """SHA-256 over the weight files that the model was loaded from, read once in a process."""
    return _weights_digest(Path(model.config._name_or_path))


@cache
def _weights_digest(folder: Path) -> str:
    return digest_of(folder, WEIGHTS)


def _another_base(adapter: Path, model: Any, why: str) -> TrainerProblem:
    return TrainerProblem(
        "adapterOfAnotherBase",
        f"{adapter} does not belong to {model.config._name_or_path}: {why}. Name the model it was trained on.",
    )


def _refuse_other_adapter_keys(adapted: Any, folder: Path) -> None:
    from peft import get_peft_model_state_dict

    expected = set(get_peft_model_state_dict(adapted))
    found = set(read_safetensors_header(folder / ADAPTER_WEIGHTS)[0]) - {"__metadata__"}
    refuse_other_keys(folder, missing=expected - found, unexpected=found - expected)


def _names(verb: str, names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{verb} {', '.join(names[:SHOWN])}{more}"


class _Loading:
    """Turns whatever a library raises for a folder that holds no model into the failure that says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        if not self._folder.is_dir():
            raise TrainerProblem("model", f"{self._folder} is no folder.")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, (MemoryError, TrainerProblem)) or "memory" in str(error):
            return
        if isinstance(error, Exception):
            first = str(error).strip().split("\n")[0]
            raise TrainerProblem("model", f"{self._folder} can't be loaded as a model: {first}") from error
