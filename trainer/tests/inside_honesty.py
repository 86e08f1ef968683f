"""Folders that are not what they seem, and what loading or merging says of them; run in a forked process."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any


def refusals(model: str, scratch: str) -> dict[str, list[str]]:
    """For each kind of wrong folder the cause and the message."""
    from anneal_trainer.files import write_json
    from anneal_trainer.merge import merge
    from anneal_trainer.models import load_adapter, load_model

    base, work = Path(model), Path(scratch)
    told: dict[str, list[str]] = {}

    def refused(name: str, act: Callable[[], Any]) -> None:
        from anneal_trainer.problems import TrainerProblem

        try:
            act()
        except TrainerProblem as problem:
            told[name] = [problem.cause, str(problem)]
        else:
            told[name] = ["nothing", ""]

    def altered(source: Path, name: str, change: Callable[[dict[str, Any]], Any]) -> Path:
        """A copy with other tensors in its weight file."""
        from safetensors.torch import load_file, save_file

        folder = work / name
        shutil.copytree(source, folder)
        (file,) = folder.glob("*.safetensors")
        tensors = load_file(file)
        change(tensors)
        save_file(tensors, file, metadata={"format": "pt"})
        return folder

    def without(source: Path, name: str) -> Path:
        return altered(source, name, lambda tensors: tensors.pop(_one(tensors, "mlp")))

    def with_another(source: Path, name: str, tensor: str) -> Path:
        return altered(source, name, lambda tensors: tensors.update({tensor: tensors[_one(tensors, "mlp")].clone()}))

    lacking, adding = without(base, "lacking"), with_another(base, "adding", "model.extra.weight")
    refused("missing", lambda: load_model(lacking))
    refused("unexpected", lambda: load_model(adding))
    sharded = work / "sharded"
    shutil.copytree(base, sharded)
    weight_map = {"a": "model.safetensors", "b": "model-2.safetensors"}
    write_json(sharded / "model.safetensors.index.json", {"weight_map": weight_map})
    refused("shardMissing", lambda: load_model(sharded))

    untrained, trained = _adapter(base, work / "untrained", learnt=False), _adapter(base, work / "trained", learnt=True)
    refused("mergedEqualsBase", lambda: merge(base, untrained, work / "merged"))
    refused("trained", lambda: merge(base, trained, work / "merged"))
    half, more = without(trained, "half"), with_another(trained, "more", "base_model.model.model.x.lora_A.weight")
    refused("adapterMissing", lambda: load_adapter(load_model(base), half))
    refused("adapterUnexpected", lambda: load_adapter(load_model(base), more))

    elsewhere = work / "elsewhere"
    shutil.copytree(trained, elsewhere)
    settings = json.loads((elsewhere / "adapter_config.json").read_text())
    write_json(elsewhere / "adapter_config.json", settings | {"target_modules": ["wqkv"]})
    refused("matchesNothing", lambda: load_adapter(load_model(base), elsewhere))
    (elsewhere / "adapter_config.json").unlink()
    refused("adapterWithoutSettings", lambda: load_adapter(load_model(base), elsewhere))

    other = altered(base, "other", lambda tensors: tensors.update({key: tensor + 1 for key, tensor in tensors.items()}))
    refused("otherBase", lambda: load_adapter(load_model(other), trained))
    refused("sameBase", lambda: load_adapter(load_model(base), trained))
    return told


def _one(tensors: dict[str, Any], part: str) -> str:
    return next(name for name in sorted(tensors) if part in name)


def _adapter(base: Path, folder: Path, *, learnt: bool) -> Path:
    """An adapter as a job leaves it, its mark included; one that is not learnt changes nothing, as PEFT makes it."""
    import torch
    from peft import get_peft_model

    from anneal_trainer.files import write_json
    from anneal_trainer.models import base_digest, load_model
    from anneal_trainer.sft import adapter_of
    from anneal_trainer.spec import LoraSpec

    model = load_model(base)
    adapted = get_peft_model(model, adapter_of(model, LoraSpec(rank=2, alpha=4, dropout=0)))
    if learnt:
        for name, parameter in adapted.named_parameters():
            if "lora_B" in name:
                torch.nn.init.ones_(parameter)
    adapted.save_pretrained(folder)
    write_json(
        folder / "whole.json", {"step": 1, "attempt": 1, "changed": learnt, "base": base_digest(model), "files": {}}
    )
    return folder
