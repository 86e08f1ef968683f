"""An adapter and its base as one whole model."""

from pathlib import Path

from anneal_trainer.derived import is_made, write_derived
from anneal_trainer.device import quick_imports, quiet_libraries, quiet_progress
from anneal_trainer.model_info import digest_of
from anneal_trainer.problems import TrainerProblem

SOURCE = "merged.json"


def merge(model: Path, adapter: Path, out: Path) -> None:
    """Write the merged model in float32 under ``out``, by rename; nothing is done when it is there already.

    Raises ``TrainerProblem`` (model) when ``out`` holds something else, (mergedEqualsBase) when the adapter changes
    nothing, and what loading raises for either folder.
    """
    source = {"model": digest_of(model), "adapter": digest_of(adapter)}
    if is_made(out, SOURCE, source):
        return
    quiet_libraries()
    with quick_imports():
        from anneal_trainer.models import fingerprint, load_adapter, load_model, load_processor

    quiet_progress()
    base = load_model(model)
    before = fingerprint(base.named_parameters())
    merged = load_adapter(base, adapter).merge_and_unload()
    if fingerprint(merged.named_parameters()) == before:
        raise TrainerProblem(
            "mergedEqualsBase",
            f"{adapter} changes nothing of {model}: the merged model would be its base. Take a checkpoint that learnt.",
        )
    write_derived(out, SOURCE, source, model=merged, processor=load_processor(model))
