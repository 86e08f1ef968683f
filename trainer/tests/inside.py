"""What tests run in a forked process, because it needs torch."""

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


def weights_of(model: str) -> dict[str, float]:
    """Sum of every weight of a model, in float64."""
    import torch

    from anneal_trainer.models import load_model

    return {
        name: float(weight.detach().sum(dtype=torch.float64)) for name, weight in load_model(Path(model)).named_parameters()
    }
