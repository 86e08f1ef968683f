"""What a model folder holds, read from its JSON and safetensors headers without loading anything."""

import hashlib
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from anneal_trainer.checkpoints import read_safetensors_header, weights_fault
from anneal_trainer.configurations import read_configuration
from anneal_trainer.device import quick_imports, quiet_libraries
from anneal_trainer.picture_rules import picture_rule
from anneal_trainer.problems import TrainerProblem

PARTS = ("*.json", "*.safetensors", "*.jinja", "*.txt", "*.model")
"""Files that decide what a model answers: configuration, weights, tokenizer, template."""
WEIGHTS = ("*.safetensors",)
"""Files that an adapter's base is known by: its tokenizer or template may change."""
NOT_THE_MODEL = frozenset({"whole.json", "trainer_state.json"})


def model_info(folder: Path) -> dict[str, Any]:
    """Architecture, rule for pictures, context length and digest of a vision-language model.

    Raises ``TrainerProblem`` (model) with one line that says what is missing or not known.
    """
    config = read_configuration(folder, "config.json")
    vision, text = config.get("vision_config"), config.get("text_config", config)
    names = config.get("architectures") or ["unknown"]
    if not isinstance(vision, dict) or not isinstance(text, dict):
        raise TrainerProblem("model", f"{folder} holds {names[0]}, which is no vision-language model.")
    rule = picture_rule(folder)
    context = text.get("max_position_embeddings") or config.get("max_position_embeddings")
    if context is None:
        text = _with_defaults(folder)
        context = text.get("max_position_embeddings")
    if not isinstance(context, int):
        raise TrainerProblem("model", f"{folder}/config.json says no max_position_embeddings in text_config.")
    _check_weights(folder)
    return {
        "architecture": names[0],
        **rule.told(),
        "contextTokens": context,
        "digest": digest_of(folder),
        "shape": _shape(folder, text),
    }


def _with_defaults(folder: Path) -> dict[str, Any]:
    """The language model's configuration with the defaults of its class: Gemma 3 is published without them.

    Raises ``TrainerProblem`` (model) for a class that transformers does not have.
    """
    quiet_libraries()
    with quick_imports():
        from transformers import AutoConfig
    try:
        return dict(AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config().to_dict())
    except (OSError, ValueError, KeyError) as error:
        raise TrainerProblem("model", f"{folder}/config.json: {str(error).splitlines()[0]}") from error


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
