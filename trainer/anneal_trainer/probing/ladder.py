"""The probes in their order, in one process that loads a model once a stage."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.files import path_of, read_lines, write_json
from anneal_trainer.problems import TrainerProblem
from anneal_trainer.records import Row, draw, read_rows
from anneal_trainer.spec import Spec, read_filled, spec_from

START = ("imageTokens", "labels", "template", "start", "step")
TRAINED = ("items", "overfit")


@dataclass(frozen=True, kw_only=True)
class ProbeSpec:
    """What to probe. Names, units and defaults are those of ``config/probing.ts``."""

    stage: Literal["start", "trained"]
    training: Spec
    records: int
    checkpoint: Path | None
    answers: Path | None
    maximum_tokens: int
    overfit_steps: int
    overfit_loss: float


def probe(spec_file: Path, out: Path) -> None:
    """Write the figures of a stage, whole or not at all.

    Raises ``TrainerProblem`` (data, model, internal).
    """
    begun = time.perf_counter()
    spec = read_probe_spec(spec_file)
    rows = _rows(spec)
    quiet_libraries()
    with quick_imports():
        import anneal_trainer.probing.items
        import anneal_trainer.probing.overfit  # noqa: F401
    quiet_progress()
    figures = _start(spec, rows) if spec.stage == "start" else _trained(spec, rows)
    write_json(out, complete(spec.stage, figures, seconds=time.perf_counter() - begun))


def complete(stage: str, figures: dict[str, Any], *, seconds: float) -> dict[str, Any]:
    """The document of ``config/probing.ts``: what was not taken is null, and named where it belonged to the stage."""
    taken = dict.fromkeys((*START, *TRAINED)) | figures
    due = START if stage == "start" else TRAINED
    return {
        "schema": "anneal.probeFigures/1",
        "stage": stage,
        **taken,
        "notRun": [name for name in due if taken[name] is None],
        "seconds": seconds,
    }


def read_probe_spec(path: Path) -> ProbeSpec:
    """Read and check a spec.

    Raises ``TrainerProblem`` (internal).
    """
    filled = read_filled(path, "probe")
    if filled["stage"] == "trained" and filled["checkpoint"] is None:
        raise TrainerProblem("internal", f"{path.name}: the stage trained needs a checkpoint.")
    return ProbeSpec(
        stage=filled["stage"],
        training=spec_from(filled["training"], path.name),
        records=filled["records"],
        checkpoint=path_of(filled["checkpoint"]) if filled["checkpoint"] else None,
        answers=path_of(filled["answers"]) if filled["answers"] else None,
        maximum_tokens=filled["maximumTokens"],
        overfit_steps=filled["overfit"]["steps"],
        overfit_loss=filled["overfit"]["loss"],
    )


def start_figures(subject: Any) -> dict[str, Any]:
    """Probes 1 to 5, up to the first that makes the next ones meaningless. Alters the model."""
    from anneal_trainer.probing import collated, first_step

    batches, error = collated.collated(subject)
    figures: dict[str, Any] = {"imageTokens": collated.image_tokens(subject, batches, error)}
    if error is not None or figures["imageTokens"]["equal"] < len(batches):
        return figures
    figures["labels"] = collated.labels(subject, batches)
    figures["template"] = collated.template(subject, batches)
    if figures["labels"]["exact"] < figures["labels"]["records"]:
        return figures
    figures["start"] = first_step.start(subject)
    figures["step"] = first_step.step(subject)
    return figures


def _start(spec: ProbeSpec, rows: list[Row]) -> dict[str, Any]:
    from anneal_trainer.probing.subject import folder_of, load_subject

    order = sorted(rows, key=lambda row: draw("probe", spec.training.seed, row.id))
    return start_figures(load_subject(spec.training, folder_of(spec.training), order[: spec.records]))


def _trained(spec: ProbeSpec, rows: list[Row]) -> dict[str, Any]:
    """Probes 8 and 9 on the checkpoint, which train nothing; then 6 and 7 on the model that training began with."""
    from anneal_trainer.probing.items import choose, items
    from anneal_trainer.probing.overfit import overfit
    from anneal_trainer.probing.subject import folder_of, load_subject

    assert spec.checkpoint is not None
    training, served = spec.training, _served(spec.answers)
    chosen = choose(rows, served, count=spec.records, seed=training.seed) or rows[: spec.records]
    figures: dict[str, Any] = {
        "items": items(load_subject(training, spec.checkpoint, chosen), served, spec.maximum_tokens)
    }
    figures["overfit"] = overfit(
        load_subject(training, folder_of(training), rows),
        steps=spec.overfit_steps,
        enough=spec.overfit_loss,
        maximum_tokens=spec.maximum_tokens,
    )
    return figures


def _rows(spec: ProbeSpec) -> list[Row]:
    """The records of the training; those of a trained one as it was asked them, in the one phrasing of serving."""
    source = spec.training.business
    asked = spec.training.evaluate.get("train")
    if spec.stage == "trained" and asked is not None:
        source = replace(source, phrasings=asked.phrasings)
    return read_rows(source, spec.training.seed)


def _served(path: Path | None) -> Any:
    from anneal_trainer.probing.items import Served

    if path is None:
        return {}
    rows: Sequence[dict[str, Any]] = [json.loads(line) for _, line in read_lines(path)]
    return {row["id"]: Served(given=row["given"], score=row["score"]) for row in rows if row["outcome"] != "excluded"}
