"""Model folders that are made from others: once, whole, with a record of what they were made from."""

import os
import shutil
from pathlib import Path
from typing import Any

from anneal_trainer.experts import note_active_experts
from anneal_trainer.files import read_json, write_json
from anneal_trainer.problems import TrainerProblem


def is_made(out: Path, record: str, source: dict[str, Any]) -> bool:
    """Whether ``out`` holds what ``source`` gives, by the file named ``record`` in it.

    Raises ``TrainerProblem`` (model) when it holds something else.
    """
    if not out.exists():
        return False
    if (out / record).exists() and read_json(out / record) == source:
        return True
    raise TrainerProblem("model", f"{out} is there already and was not made from these two: remove it first.")


def write_derived(out: Path, record: str, source: dict[str, Any], *, model: Any, processor: Any) -> None:
    """Write model, processor and record under ``out``, by rename."""
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    try:
        model.save_pretrained(partial)
        if hasattr(model, "get_base_model"):
            note_active_experts(partial, model)
        processor.save_pretrained(partial)
        write_json(partial / record, source)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
