"""Reads back what trackers were told, with their own readers; in a forked process, as their packages are heavy."""

import os
from typing import Any


def tensorboard_curves(folder: str) -> dict[str, dict[int, list[float]]]:
    """The values of each tag by step, as TensorBoard shows them."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(folder, size_guidance={"scalars": 0})
    events.Reload()
    return {tag: _by_step((it.step, it.value) for it in events.Scalars(tag)) for tag in events.Tags()["scalars"]}


def mlflow_runs(store: str) -> list[dict[str, Any]]:
    """Every run of the store, with the values of each metric by step."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient

    client = MlflowClient(store)
    return [
        {
            "experiment": experiment.name,
            "name": run.info.run_name,
            "status": run.info.status,
            "tags": run.data.tags,
            "parameters": run.data.params,
            "curves": {
                name: _by_step((it.step, it.value) for it in client.get_metric_history(run.info.run_id, name))
                for name in run.data.metrics
            },
        }
        for experiment in client.search_experiments()
        for run in client.search_runs([experiment.experiment_id])
    ]


def _by_step(points: Any) -> dict[int, list[float]]:
    values: dict[int, list[float]] = {}
    for step, value in points:
        values.setdefault(step, []).append(value)
    return values
