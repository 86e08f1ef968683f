"""``spec.json``: checked against the committed schema, filled with its defaults, read into frozen dataclasses."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from anneal_trainer.device import most_processes
from anneal_trainer.files import read_json
from anneal_trainer.problems import TrainerProblem

SCHEMAS = Path(__file__).parent / "schema"


@dataclass(frozen=True, kw_only=True)
class SetSpec:
    """One file of records, how many of them, and how their questions are phrased."""

    uri: str
    limit: int | None
    phrasings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LoraSpec:
    """Adapter settings; ``dropout`` is a probability."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What to train. Names, units and defaults are those of ``config/training.ts``."""

    key: str
    model: str
    business: SetSpec
    generic: SetSpec | None
    mix: tuple[float, float]
    evaluate: Mapping[str, SetSpec]
    method: Literal["full", "lora"]
    lora: LoraSpec
    learning_rate: float
    schedule: Literal["constant", "linear", "cosine"]
    warmup_ratio: float
    epochs: float
    batch_size: int
    micro_batch_size: int
    gradient_checkpointing: Literal["auto", "on", "off"]
    order: Literal["shuffled", "byLength"]
    weight_decay: float
    gradient_clip: float
    evaluations_per_epoch: float
    keep_checkpoints: int
    shift_percent: float
    seed: int
    precision: Literal["auto", "float32", "bfloat16"]
    processes: int
    trackers: tuple[str, ...]


def read_spec(path: Path) -> Spec:
    """Read and check a spec.

    Raises ``TrainerProblem`` (internal) when the file is not what the schema says or asks for more than
    ``capabilities`` offers: whoever wrote it should have refused it.
    """
    try:
        value = read_json(path)
    except (OSError, ValueError) as error:
        raise TrainerProblem("internal", f"{path.name} can't be read: {error}") from error
    schema = read_json(SCHEMAS / "spec.schema.json")
    _check(value, schema, path.name)
    filled = _with_defaults(value, schema)
    layout = filled["layout"]
    if filled["packing"] or layout["tensor"] > 1 or layout["pipeline"] > 1 or layout["data"] > most_processes():
        raise TrainerProblem(
            "internal",
            f"{path.name}: packing, tensor and pipeline parallel layouts are not offered, data-parallel ones up to "
            f"{most_processes()} (capabilities).",
        )
    if filled["train"]["mix"]["generic"] > 0 and "generic" not in filled["train"]:
        raise TrainerProblem("internal", f"{path.name}: train.mix asks for generic data, train.generic names none.")
    return _spec_of(filled)


def _check(value: object, schema: dict[str, Any], name: str) -> None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        place = ".".join(str(step) for step in error.absolute_path) or "the top level"
        raise TrainerProblem("internal", f"{name} breaks the training contract at {place}: {error.message}")


def _with_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """The value with every default of the schema filled in, nested ones too."""
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    filled = dict(value)
    for name, inner in schema["properties"].items():
        if name not in filled and "default" in inner:
            filled[name] = inner["default"]
        if name in filled:
            filled[name] = _with_defaults(filled[name], inner)
    return filled


def _set_of(value: dict[str, Any]) -> SetSpec:
    return SetSpec(uri=value["uri"], limit=value.get("limit"), phrasings=tuple(value.get("phrasings", ())))


def _spec_of(value: dict[str, Any]) -> Spec:
    train = value["train"]
    return Spec(
        key=value["key"],
        model=value["model"],
        business=_set_of(train["business"]),
        generic=_set_of(train["generic"]) if "generic" in train else None,
        mix=(train["mix"]["business"], train["mix"]["generic"]),
        evaluate={name: _set_of(inner) for name, inner in value["evaluate"].items()},
        method=value["method"],
        lora=LoraSpec(**value["lora"]),
        learning_rate=value["learningRate"],
        schedule=value["schedule"],
        warmup_ratio=value["warmupRatio"],
        epochs=value["epochs"],
        batch_size=value["batchSize"],
        micro_batch_size=min(value.get("microBatchSize", value["batchSize"]), value["batchSize"]),
        gradient_checkpointing=value.get("gradientCheckpointing", "auto"),
        order=value.get("order", "shuffled"),
        weight_decay=value["weightDecay"],
        gradient_clip=value["gradientClip"],
        evaluations_per_epoch=value["evaluationsPerEpoch"],
        keep_checkpoints=value["keepCheckpoints"],
        shift_percent=value["augment"]["shiftPixels"],
        seed=value["seed"],
        precision=value["precision"],
        processes=value["layout"]["data"],
        trackers=tuple(value.get("trackers", ())),
    )
