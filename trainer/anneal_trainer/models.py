"""Loading models and processors, with one clear line when a folder holds none."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from anneal_trainer.checkpoints import ADAPTER
from anneal_trainer.files import read_json
from anneal_trainer.problems import TrainerProblem


@dataclass(frozen=True, kw_only=True)
class LoadReport:
    """Tensors that the model has and its folder lacks (they are random now), and those it had no place for."""

    missing: int
    ignored: int


def load_model(folder: Path) -> Any:
    """The whole model of a folder in float32, the precision that training and checkpoints keep.

    Raises ``TrainerProblem`` (model).
    """
    return load_model_and_report(folder)[0]


def load_model_and_report(folder: Path) -> tuple[Any, LoadReport]:
    """As ``load_model``, with what did not fit: the libraries go on with a warning.

    Raises ``TrainerProblem`` (model).
    """
    from transformers import AutoModelForImageTextToText

    with _Loading(folder):
        model, told = AutoModelForImageTextToText.from_pretrained(
            folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
        )
    missing = len(told["missing_keys"]) + len(told["mismatched_keys"])
    return model, LoadReport(missing=missing, ignored=len(told["unexpected_keys"]))


def load_processor(folder: Path) -> Any:
    """The processor (template, tokenizer, picture sizes) of a folder.

    Raises ``TrainerProblem`` (model).
    """
    from transformers import AutoProcessor

    with _Loading(folder):
        return AutoProcessor.from_pretrained(folder, local_files_only=True)


def load_adapter(model: Any, folder: Path, *, trainable: bool = False) -> Any:
    """The model with the adapter of a folder on it, as PEFT's class.

    Raises ``TrainerProblem`` (model).
    """
    from peft import PeftModel

    with _Loading(folder):
        return PeftModel.from_pretrained(model, folder, is_trainable=trainable)


def base_of_adapter(folder: Path) -> Path | None:
    """The folder of the model below an adapter; None when the folder holds no adapter."""
    if not (folder / ADAPTER).exists():
        return None
    with _Loading(folder):
        return Path(read_json(folder / ADAPTER)["base_model_name_or_path"])


class _Loading:
    """Turns whatever a library raises for a folder that holds no model into the failure that says so."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __enter__(self) -> None:
        if not self._folder.is_dir():
            raise TrainerProblem("model", f"{self._folder} is no folder.")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if isinstance(error, MemoryError) or "memory" in str(error):
            return
        if isinstance(error, Exception):
            first = str(error).strip().split("\n")[0]
            raise TrainerProblem("model", f"{self._folder} can't be loaded as a model: {first}") from error
