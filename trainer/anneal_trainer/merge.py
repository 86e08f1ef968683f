"""An adapter and its base as one whole model."""

import os
import shutil
from pathlib import Path

from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.files import read_json, write_json
from anneal_trainer.model_info import digest_of
from anneal_trainer.problems import TrainerProblem

SOURCE = "merged.json"


def merge(model: Path, adapter: Path, out: Path) -> None:
    """Write the merged model in float32 under ``out``, by rename; nothing is done when it is there already.

    Raises ``TrainerProblem`` (model) when either folder can't be loaded or ``out`` holds something else.
    """
    source = {"model": digest_of(model), "adapter": digest_of(adapter)}
    if out.exists():
        if (out / SOURCE).exists() and read_json(out / SOURCE) == source:
            return
        raise TrainerProblem("model", f"{out} is there already and was not merged from these two: remove it first.")
    quiet_libraries()
    with quick_imports():
        from anneal_trainer.models import load_adapter, load_model, load_processor

    quiet_progress()
    merged = load_adapter(load_model(model), adapter).merge_and_unload()
    partial = out.with_name(f"{out.name}.{os.getpid()}.partial")
    try:
        merged.save_pretrained(partial)
        load_processor(model).save_pretrained(partial)
        write_json(partial / SOURCE, source)
        partial.rename(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
