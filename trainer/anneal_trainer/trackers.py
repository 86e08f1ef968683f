"""Trackers of experiments: transformers' own integrations, told where to write."""

import os
from importlib.util import find_spec
from pathlib import Path

from anneal_trainer.problems import TrainerProblem

TRACKERS = ("tensorboard", "mlflow", "wandb", "trackio")
"""Each is the name of its package as well."""


def installed_trackers() -> list[str]:
    """The trackers whose package is here, without loading any."""
    return [name for name in TRACKERS if find_spec(name) is not None]


def set_up_trackers(names: tuple[str, ...], folder: Path) -> None:
    """Let the trackers write under a folder, unless the environment names another place.

    Raises ``TrainerProblem`` (internal) with the command that installs what is missing.
    """
    missing = [name for name in names if name not in installed_trackers()]
    if missing:
        raise TrainerProblem(
            "internal",
            f"The trackers {', '.join(missing)} are not installed in the trainer's environment: "
            f"python -m pip install {' '.join(missing)}",
        )
    for name, place in {
        "TENSORBOARD_LOGGING_DIR": str(folder / "tensorboard"),
        "MLFLOW_TRACKING_URI": (folder / "mlflow").resolve().as_uri(),
        "WANDB_DIR": str(folder),
        "TRACKIO_DIR": str(folder / "trackio"),
    }.items():
        os.environ.setdefault(name, place)
    if "wandb" in names:
        folder.mkdir(exist_ok=True)
