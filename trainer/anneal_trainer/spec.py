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
    limit_seed: int | None = None
    system: str = ""
    least_quality: float = 0.0


@dataclass(frozen=True, kw_only=True)
class LoraSpec:
    """Adapter settings; ``dropout`` is a probability."""

    rank: int
    alpha: int
    dropout: float


@dataclass(frozen=True, kw_only=True)
class ExpertsSpec:
    """Of a mixture: how many experts are active, and the weight of the router's loss; None is as the model has it."""

    active: int | None
    router_loss: float | None


@dataclass(frozen=True, kw_only=True)
class PreferenceSpec:
    """How pairs are learnt: against which ``reference``, how dearly leaving it is paid for, what is trained."""

    reference: str
    trains: Literal["full", "lora"]
    beta: float
    sft_weight: float


@dataclass(frozen=True, kw_only=True)
class Spec:
    """What to train. Names, units and defaults are those of ``config/training.ts``."""

    key: str
    model: str
    business: SetSpec
    generic: SetSpec | None
    mix: tuple[float, float]
    evaluate: Mapping[str, SetSpec]
    method: Literal["full", "lora", "dpo"]
    lora: LoraSpec
    freeze: tuple[Literal["vision", "projector", "language"], ...]
    experts: ExpertsSpec | None
    preferences: PreferenceSpec | None
    learning_rate: float
    schedule: Literal["constant", "linear", "cosine"]
    warmup_ratio: float
    epochs: float
    until_epoch: float | None
    continues: str | None
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
    return spec_from(read_filled(path, "spec"), path.name)


def read_filled(path: Path, schema_name: str) -> dict[str, Any]:
    """The value of a spec file, checked against a schema of ``SCHEMAS`` and filled with its defaults.

    Raises ``TrainerProblem`` (internal).
    """
    try:
        value = read_json(path)
    except (OSError, ValueError) as error:
        raise TrainerProblem("internal", f"{path.name} can't be read: {error}") from error
    schema = read_json(SCHEMAS / f"{schema_name}.schema.json")
    check(value, schema, path.name)
    filled: dict[str, Any] = with_defaults(value, schema)
    return filled


def spec_from(filled: dict[str, Any], name: str) -> Spec:
    """The spec of a value that has been checked and filled with its defaults.

    Raises ``TrainerProblem`` (internal) for what ``capabilities`` does not offer.
    """
    layout, most = filled["layout"], 1 if filled["method"] == "dpo" else most_processes()
    if filled["packing"] or layout["tensor"] > 1 or layout["pipeline"] > 1 or layout["data"] > most:
        raise TrainerProblem(
            "internal",
            f"{name}: packing, tensor and pipeline parallel layouts are not offered, data-parallel ones up to {most} "
            "(capabilities).",
        )
    adapts = filled["method"] == "lora" or filled.get("preferences", {}).get("trains") == "lora"
    if adapts and "language" in filled.get("freeze", ()):
        raise TrainerProblem("model", "freeze names the language model, and LoRA adapts nothing else: use method full.")
    if filled["train"]["mix"]["generic"] > 0 and "generic" not in filled["train"]:
        raise TrainerProblem("internal", f"{name}: train.mix asks for generic data, train.generic names none.")
    if filled["method"] == "dpo" and not ("preferences" in filled and "preferences" in filled["evaluate"]):
        raise TrainerProblem("internal", f"{name}: dpo needs preferences and the held-out set of that name.")
    return _spec_of(filled)


def different_plan(own: Path, other: Path) -> str | None:
    """The first field in which two specs differ that are to be one training."""
    if not other.exists():
        return "spec, or without one"
    schema = read_json(SCHEMAS / "spec.schema.json")
    one, two = (with_defaults(read_json(path), schema) for path in (own, other))
    fields = sorted((one.keys() | two.keys()) - {"key", "untilEpoch", "continues"})
    return next((name for name in fields if one.get(name) != two.get(name)), None)


def check(value: object, schema: dict[str, Any], name: str) -> None:
    """Raises ``TrainerProblem`` (internal) with the first place where the value breaks the schema."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        place = ".".join(str(step) for step in error.absolute_path) or "the top level"
        raise TrainerProblem("internal", f"{name} breaks the training contract at {place}: {error.message}")


def with_defaults(value: Any, schema: dict[str, Any]) -> Any:
    """The value with every default of the schema filled in, nested ones too."""
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    filled = dict(value)
    for name, inner in schema["properties"].items():
        if name not in filled and "default" in inner:
            filled[name] = inner["default"]
        if name in filled:
            filled[name] = with_defaults(filled[name], inner)
    return filled


def _set_of(value: dict[str, Any]) -> SetSpec:
    return SetSpec(
        uri=value["uri"],
        limit=value.get("limit"),
        phrasings=tuple(value.get("phrasings", ())),
        system=value.get("system", ""),
        limit_seed=value.get("limitSeed"),
        least_quality=value.get("leastQuality", 0.0),
    )


def _experts_of(value: dict[str, Any]) -> ExpertsSpec:
    weight = value.get("routerLoss")
    # JSON writes 0 for 0.0, and transformers takes no whole number for it.
    return ExpertsSpec(active=value.get("active"), router_loss=None if weight is None else float(weight))


def _preferences_of(value: dict[str, Any]) -> PreferenceSpec:
    return PreferenceSpec(
        reference=value["reference"], trains=value["trains"], beta=value["beta"], sft_weight=value["sftWeight"]
    )


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
        freeze=tuple(value.get("freeze", ())),
        experts=_experts_of(value["experts"]) if "experts" in value else None,
        preferences=_preferences_of(value["preferences"]) if value["method"] == "dpo" else None,
        learning_rate=value["learningRate"],
        schedule=value["schedule"],
        warmup_ratio=value["warmupRatio"],
        epochs=value["epochs"],
        until_epoch=value.get("untilEpoch"),
        continues=value.get("continues"),
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
