"""The JSON files of a model folder."""

from pathlib import Path
from typing import Any

from anneal_trainer.checkpoints import ADAPTER
from anneal_trainer.files import read_json
from anneal_trainer.problems import TrainerProblem


def read_configuration(folder: Path, name: str) -> dict[str, Any]:
    """The JSON object in a file of a model folder.

    Raises ``TrainerProblem`` (model).
    """
    try:
        value = read_json(folder / name)
    except FileNotFoundError as error:
        hint = " (it is an adapter: merge it first)" if (folder / ADAPTER).exists() else ""
        raise TrainerProblem("model", f"{folder} is no model folder: {name} is missing{hint}.") from error
    except (OSError, ValueError) as error:
        raise TrainerProblem("model", f"{folder}/{name} can't be read: {error}") from error
    if not isinstance(value, dict):
        raise TrainerProblem("model", f"{folder}/{name} holds no JSON object.")
    return value
