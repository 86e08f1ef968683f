"""What tests run in a forked process, because it needs torch."""

import json
from pathlib import Path
from typing import Any


def build(folder: str) -> None:
    """An untrained tiny model."""
    from tiny_vlm.build import build_model, build_processor, train_tokenizer

    tokenizer = train_tokenizer(samples=200)
    build_processor(tokenizer).save_pretrained(folder)
    build_model(tokenizer).save_pretrained(folder)


def labels(model: str, records: str) -> list[dict[str, Any]]:
    """For each record what its labels decode to, and what the tokens without a label do."""
    from anneal_trainer.encoding import IGNORED, Sample
    from anneal_trainer.models import load_processor
    from anneal_trainer.records import read_rows
    from anneal_trainer.sft import make_encoder
    from anneal_trainer.spec import SetSpec

    processor = load_processor(Path(model))
    rows = read_rows(SetSpec(uri=records, limit=None, phrasings=()), 1)
    batch = make_encoder(processor)([Sample(row=row) for row in rows])
    decoded = []
    for row, ids, marks in zip(rows, batch["input_ids"], batch["labels"], strict=True):
        labelled, rest = (
            processor.tokenizer.decode(ids[marks != IGNORED]),
            processor.tokenizer.decode(ids[marks == IGNORED]),
        )
        decoded.append({"answer": row.answer, "labelled": labelled, "rest": rest})
    return decoded


def same_batches(model: str, records: str) -> bool:
    """Whether a batch from the cache equals the one that was encoded."""
    import torch

    from anneal_trainer.encoding import Sample
    from anneal_trainer.models import load_processor
    from anneal_trainer.records import read_rows
    from anneal_trainer.sft import make_encoder
    from anneal_trainer.spec import SetSpec

    rows = read_rows(SetSpec(uri=records, limit=None, phrasings=()), 1)
    encoder = make_encoder(load_processor(Path(model)))
    samples = [Sample(row=row, key=row.id) for row in rows]
    first, again, single = encoder(samples), encoder(samples), encoder(samples[1:2])
    text = first["attention_mask"][1].bool()
    return (
        all(torch.equal(first[name], again[name]) for name in first)
        and torch.equal(first["input_ids"][1][text], single["input_ids"][0])
        and torch.equal(first["pixel_values"][64:128], single["pixel_values"])
    )


def train_without_dry_step(job: str) -> int:
    """The exit code of an attempt that goes straight to its first step."""
    from anneal_trainer.__main__ import main
    from anneal_trainer.sft import AnswerTrainer

    AnswerTrainer.dry_step = lambda *_: None  # type: ignore[method-assign, assignment]
    return main(["run", job, "--attempt", "1"])


def train_in_little_memory(job: str, attempt: int, limits: dict[str, int]) -> int:
    """The exit code of an attempt on a device that holds ``largest`` samples, from ``from_step`` steps on.

    At ``die_at`` steps it breaks for another reason.
    """
    import torch

    from anneal_trainer.__main__ import main
    from anneal_trainer.sft import AnswerTrainer

    compute = AnswerTrainer.compute_loss

    def cramped(self: Any, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        step = self.state.global_step
        if step == limits.get("die_at"):
            raise RuntimeError("another reason")
        loss = compute(self, model, inputs, *rest, **named)
        if step >= limits["from_step"] and len(inputs["input_ids"]) > limits["largest"]:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return loss

    AnswerTrainer.compute_loss = cramped  # type: ignore[method-assign]
    return main(["run", job, "--attempt", str(attempt)])


def train_evaluating_in_little_memory(job: str, largest: int) -> int:
    """The exit code of an attempt on a device that can evaluate so many items at once."""
    import torch

    from anneal_trainer.__main__ import main
    from anneal_trainer.evaluation import Scorer

    score = Scorer.score

    def cramped(self: Any, batch: Any) -> Any:
        if len(batch["input_ids"]) > largest:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return score(self, batch)

    Scorer.score = cramped  # type: ignore[method-assign]
    return main(["run", job, "--attempt", "1"])


def train_on_full_disk(job: str, attempt: int, steps: list[int]) -> int:
    """The exit code of an attempt whose disk is full in the middle of the checkpoints of these steps."""
    import errno

    from anneal_trainer.__main__ import main
    from anneal_trainer.sft import AnswerTrainer

    save = AnswerTrainer._save_optimizer_and_scheduler

    def full(self: Any, folder: str) -> None:
        if self.state.global_step in steps:
            (Path(folder) / "optimizer.pt").write_bytes(b"half")
            raise OSError(errno.ENOSPC, "No space left on device")
        save(self, folder)

    AnswerTrainer._save_optimizer_and_scheduler = full  # type: ignore[method-assign]
    return main(["run", job, "--attempt", str(attempt)])


def train_with_short_files(job: str, longest: int) -> int:
    """The exit code of an attempt in which no file may have more bytes."""
    import resource

    from anneal_trainer.__main__ import main

    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    return main(["run", job, "--attempt", "1"])


def train_in_little_memory_of_rank_1(job: str) -> None:
    """An attempt whose second process holds one sample at a time; the first has enough."""
    import torch

    from anneal_trainer.__main__ import leave, main
    from anneal_trainer.sft import AnswerTrainer

    compute = AnswerTrainer.compute_loss

    def cramped(self: Any, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        if self.crew.rank == 1 and len(inputs["input_ids"]) > 1:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
        return compute(self, model, inputs, *rest, **named)

    AnswerTrainer.compute_loss = cramped  # type: ignore[method-assign]
    leave(main(["run", job, "--attempt", "1"]))


def train_with_stand_in_tracker(job: str, breaks_at: int | None = None) -> int:
    """The exit code of an attempt with a module mlflow that writes calls to trackers/calls.jsonl in the job folder.

    From the figures of step ``breaks_at`` on it can't be reached any more.
    """
    import json
    import sys
    from importlib.machinery import ModuleSpec
    from types import ModuleType, SimpleNamespace

    from anneal_trainer.__main__ import main

    calls = Path(job) / "trackers/calls.jsonl"
    calls.parent.mkdir()

    def note(**call: Any) -> None:
        with calls.open("a") as stream:
            stream.write(json.dumps(call) + "\n")

    def active() -> bool:
        told = calls.read_text()
        return '"run"' in told and '"ended"' not in told

    def log_metrics(metrics: dict[str, float], step: int, synchronous: bool) -> None:
        if step == breaks_at:
            raise ConnectionError("the tracker is gone")
        note(step=step, **metrics)

    stand_in = ModuleType("mlflow")
    stand_in.__spec__ = ModuleSpec("mlflow", None)
    stand_in.__dict__.update(
        __version__="3.0.0",
        utils=SimpleNamespace(validation=SimpleNamespace(MAX_PARAM_VAL_LENGTH=500, MAX_PARAMS_TAGS_PER_BATCH=100)),
        is_tracking_uri_set=lambda: False,
        set_tracking_uri=lambda uri: note(uri=uri),
        active_run=lambda: SimpleNamespace(info=SimpleNamespace(run_id="1")) if active() else None,
        set_experiment=lambda name: note(experiment=name),
        set_tags=lambda tags: note(tags=tags),
        flush_async_logging=lambda: None,
        start_run=lambda run_name, nested: note(run=run_name),
        end_run=lambda status: note(ended=status),
        log_params=lambda *_, **__: None,
        log_metrics=log_metrics,
    )
    sys.modules["mlflow"] = stand_in
    return main(["run", job, "--attempt", "1"])


def start_probes(model: str, records: str) -> dict[str, Any]:
    """The start probes of a sound training."""
    from anneal_trainer.probing.ladder import complete, start_figures

    return complete("start", start_figures(_subject(model, records)), seconds=0)


def probe_collation(model: str, records: str, fault: str) -> dict[str, Any]:
    """The start probes with a collation that is wrong in one way."""
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    from anneal_trainer.encoding import IGNORED, Encoder
    from anneal_trainer.probing.ladder import complete, start_figures

    subject = _subject(model, records)
    lengths = {"answerCutOff": _shortest(subject) - 1, "imageCutOff": 12}
    collator = DataCollatorForVisionLanguageModeling(
        subject.processor,
        max_length=lengths.get(fault),
        completion_only_loss=fault != "wholeConversation",
    )

    def masked(examples: list[dict[str, Any]]) -> Any:
        batch = collator(examples)
        batch["labels"][:] = IGNORED
        return batch

    tokenizer = subject.processor.tokenizer
    encoder = Encoder(
        masked if fault == "allMasked" else collator,
        pad=tokenizer.pad_token_id,
        end=tokenizer.eos_token_id,
        strict=False,
    )
    return complete("start", start_figures(_changed(subject, encoder=encoder)), seconds=0)


def probe_step(model: str, records: str, frozen: str, rate: float) -> dict[str, Any]:
    """The step probe with the tensors of a name frozen ("." is in all of them)."""
    from anneal_trainer.probing.first_step import step

    subject = _subject(model, records)
    for name, parameter in subject.model.named_parameters():
        if frozen and frozen in name:
            parameter.requires_grad_(False)
    return step(_changed(subject, learning_rate=rate))


def rename_tensors(model: str, word: str, other: str) -> int:
    """Rename tensors in a model folder, as another library's names would be; how many."""
    from safetensors.torch import load_file, save_file

    path = Path(model) / "model.safetensors"
    tensors = load_file(path)
    save_file({name.replace(word, other): tensor for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
    return sum(word in name for name in tensors)


def _subject(model: str, records: str) -> Any:
    from anneal_trainer.probing.subject import load_subject
    from anneal_trainer.records import read_rows
    from anneal_trainer.spec import SCHEMAS, SetSpec, spec_from, with_defaults
    from tests.jobs import spec_of

    schema = json.loads((SCHEMAS / "spec.schema.json").read_text())
    spec = spec_from(with_defaults(spec_of(Path(model), Path(records).parent), schema), "test")
    return load_subject(spec, Path(model), read_rows(SetSpec(uri=records, limit=None, phrasings=()), 1))


def _changed(subject: Any, **changes: Any) -> Any:
    from dataclasses import replace

    return replace(subject, **changes)


def _shortest(subject: Any) -> int:
    from anneal_trainer.probing.collated import collated

    return min(batch["input_ids"].shape[1] for batch in collated(subject)[0])


def weights_of(model: str) -> dict[str, float]:
    """Sum of every weight of a model, in float64."""
    import torch

    from anneal_trainer.models import load_model

    return {
        name: float(weight.detach().sum(dtype=torch.float64))
        for name, weight in load_model(Path(model)).named_parameters()
    }
