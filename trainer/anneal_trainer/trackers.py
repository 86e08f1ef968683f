"""Trackers of experiments: which there are, where they write, and in which run they go on."""

import hashlib
import logging
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from anneal_trainer.files import read_json, write_json
from anneal_trainer.problems import TrainerProblem

logger = logging.getLogger("anneal_trainer")

TRACKERS = ("tensorboard", "mlflow", "wandb", "trackio")
"""Each is the name of its package as well."""

PROJECT = "anneal"
"""Experiment of MLflow, project of W&B and Trackio, unless the environment names another."""


def installed_trackers() -> list[str]:
    """The trackers whose package is here, without loading any."""
    return [name for name in TRACKERS if find_spec(name) is not None]


@dataclass(frozen=True, kw_only=True)
class Tracked:
    """The trackers of one job. ``labels`` name it in them, so that its curve and its workflow lead to each other."""

    names: tuple[str, ...]
    key: str
    labels: Mapping[str, str]
    folder: Path

    @property
    def tensorboard(self) -> Path:
        """A folder of this job alone: of curves that share one, the later hides the earlier."""
        given = os.environ.get("TENSORBOARD_LOGGING_DIR")
        return Path(given).expanduser() / self.key if given else self.folder / "tensorboard"

    @property
    def _mlflow_run(self) -> Path:
        return self.folder / "mlflow.json"

    def keep_mlflow_run(self, run: str) -> None:
        """Remember the run, so that a resume goes on in it."""
        write_json(self._mlflow_run, {"uri": os.environ["MLFLOW_TRACKING_URI"], "run": run})

    def mlflow_run(self) -> str | None:
        """The run that an earlier attempt began in the same place."""
        if not self._mlflow_run.exists():
            return None
        kept = read_json(self._mlflow_run)
        return str(kept["run"]) if kept["uri"] == os.environ["MLFLOW_TRACKING_URI"] else None


def set_up_trackers(names: tuple[str, ...], folder: Path, key: str) -> Tracked:
    """Let the trackers write under a folder, unless the environment names another place.

    Raises ``TrainerProblem`` (internal) when one is not installed.
    """
    missing = [name for name in names if name not in installed_trackers()]
    if missing:
        raise TrainerProblem(
            "internal",
            f"The trackers {', '.join(missing)} are not installed in the trainer's environment ({sys.executable}): "
            "docs/trackers.md says how.",
        )
    folder = folder.resolve()
    run, _, training = key.partition("/")
    labels = {"run": run, "training": training, "job": str(folder.parent)}
    workflow = os.environ.get("ANNEAL_WORKFLOW_ID")
    labels |= {"workflow": workflow} if workflow else {}
    tracked = Tracked(names=names, key=key, labels=labels, folder=folder)
    if not names:
        return tracked
    folder.mkdir(exist_ok=True)
    for name, value in {
        # MLflow 3 refuses its store of plain files.
        "MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}",
        "MLFLOW_EXPERIMENT_NAME": PROJECT,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "WANDB_DIR": str(folder),
        "WANDB_PROJECT": PROJECT,
        "WANDB_RUN_ID": hashlib.sha256(str(folder).encode()).hexdigest()[:16],
        "WANDB_RESUME": "allow",
        "WANDB_RUN_GROUP": run,
        "TRACKIO_DIR": str(folder / "trackio"),
    }.items():
        os.environ.setdefault(name, value)
    earlier = tracked.mlflow_run()
    if earlier is not None:
        os.environ.setdefault("MLFLOW_RUN_ID", earlier)
    return tracked


def end_trackers(*, failed: bool) -> None:
    """Let trackers send what they hold back, and tell them how the attempt ended.

    They would do so when Python comes to its end, for which the trainer doesn't wait.
    """
    mlflow, wandb = sys.modules.get("mlflow"), sys.modules.get("wandb")
    try:
        if mlflow is not None and mlflow.active_run() is not None:
            mlflow.end_run("FAILED" if failed else "KILLED")
        if wandb is not None and wandb.run is not None:
            wandb.finish(exit_code=int(failed))
    except Exception:
        logger.exception("A tracker may lack the last figures of this attempt.")
