"""What a model folder holds, read from its JSON and safetensors headers without loading anything."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anneal_trainer.checkpoints import ADAPTER, read_safetensors_header, weights_fault
from anneal_trainer.files import read_json
from anneal_trainer.problems import TrainerProblem

PARTS = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
"""Files that decide what a model answers: configuration, weights, tokenizer, template."""
WEIGHTS = ("*.safetensors",)
"""Files that an adapter's base is known by: its tokenizer or template may change."""
NOT_THE_MODEL = frozenset({"whole.json", "trainer_state.json"})


def model_info(folder: Path) -> dict[str, Any]:
    """Architecture, picture geometry, context length and digest of a Qwen-VL-like model.

    Raises ``TrainerProblem`` (model) with one line that says what is missing.
    """
    config = _json(folder, "config.json")
    vision, text = config.get("vision_config"), config.get("text_config", config)
    names = config.get("architectures") or ["unknown"]
    if not isinstance(vision, dict) or not isinstance(text, dict):
        raise TrainerProblem("model", f"{folder} holds {names[0]}, which is no vision-language model.")
    patch, merge = vision.get("patch_size"), vision.get("spatial_merge_size")
    context = text.get("max_position_embeddings") or config.get("max_position_embeddings")
    if not (isinstance(patch, int) and isinstance(merge, int) and isinstance(context, int)):
        raise TrainerProblem("model", f"{folder} holds {names[0]}, whose pictures are not cut like Qwen-VL's.")
    _check_weights(folder)
    minimum, maximum = picture_limits(folder)
    return {
        "architecture": names[0],
        "patch": patch,
        "merge": merge,
        "minimumPixels": minimum,
        "maximumPixels": maximum,
        "contextTokens": context,
        "digest": digest_of(folder),
        "shape": _shape(folder, text),
    }


def _shape(folder: Path, text: dict[str, Any]) -> dict[str, int] | None:
    """What memory follows from: counts of parameters by the weights' headers, sizes by the configuration.

    None where the configuration does not say all of it under the usual names.
    """
    names = {"layers": "num_hidden_layers", "hidden": "hidden_size", "heads": "num_attention_heads"}
    sizes = {name: text.get(key) for name, key in names.items()}
    sizes["keyValueHeads"] = text.get("num_key_value_heads", sizes["heads"])
    sizes["vocabulary"] = text.get("vocab_size")
    sizes["experts"] = text.get("num_experts", text.get("num_local_experts", 0)) or 0
    whole = {name: size for name, size in sizes.items() if isinstance(size, int)}
    if len(whole) < len(sizes):
        return None
    counts = {"parameters": 0, "expertParameters": 0}
    for file in folder.glob("*.safetensors"):
        for tensor, entry in read_safetensors_header(file)[0].items():
            if tensor == "__metadata__":
                continue
            count = math.prod(entry["shape"])
            counts["parameters"] += count
            counts["expertParameters"] += count if ".experts." in tensor else 0
    return {**counts, **whole}


def digest_of(folder: Path, parts: Sequence[str] = PARTS) -> str:
    """SHA-256 over the names and contents of the files that decide what the model answers."""
    total = hashlib.sha256()
    files = {file for pattern in parts for file in folder.glob(pattern) if file.name not in NOT_THE_MODEL}
    for file in sorted(files):
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
        total.update(f"{file.name}\0{content}\n".encode())
    return total.hexdigest()


def _check_weights(folder: Path) -> None:
    fault = weights_fault(folder)
    if fault is not None:
        raise TrainerProblem("model", f"{folder}: {fault}.")


def picture_limits(folder: Path) -> tuple[int, int]:
    """The least and the greatest area (pixels) that a picture is brought to.

    Raises ``TrainerProblem`` (model) when no processor configuration says it.
    """
    for name in ("processor_config.json", "preprocessor_config.json"):
        if not (folder / name).exists():
            continue
        whole = _json(folder, name)
        images = whole.get("image_processor", whole)
        size = images.get("size") or {}
        minimum = images.get("min_pixels") or size.get("shortest_edge")
        maximum = images.get("max_pixels") or size.get("longest_edge")
        if isinstance(minimum, int) and isinstance(maximum, int):
            return minimum, maximum
    raise TrainerProblem("model", f"{folder} has no processor configuration that says how large its pictures are.")


def _json(folder: Path, name: str) -> dict[str, Any]:
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
