"""Plants faults in small trainings of the embedded model and takes the probes: one JSON line a case.

Run by ``npm run bench -- sanity``; PYTHONPATH is the trainer's folder. Cases are named KIND:SEED; those that the file
holds already are not done again.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from anneal_trainer.device import quick_imports, quiet_libraries

quiet_libraries()
with quick_imports():
    import torch
    from anneal_trainer.files import trim_last_line
    from anneal_trainer.generate import greedy_answers
    from anneal_trainer.probing.first_step import make_optimizer, train_once
    from anneal_trainer.probing.items import Served, choose, items
    from anneal_trainer.probing.ladder import complete, start_figures
    from anneal_trainer.probing.overfit import overfit
    from anneal_trainer.probing.subject import Subject, load_subject
    from anneal_trainer.records import Row
    from anneal_trainer.spec import SCHEMAS, spec_from, with_defaults
    from tiny_vlm.scenes import SHAPES, make_scene

sys.path.insert(0, str(Path(__file__).parent))
import faults  # noqa: E402

MODEL = Path(faults.__file__).parents[2] / "trainer/tiny_vlm/model"
RATE, BATCH, EPOCHS = 1e-3, 32, 10
TRAINED, HELD_OUT, PROBED = 128, 200, 32
"""As many new pictures as a run asks about (sanity.items)."""
BINS = dict(zip(SHAPES, ("A", "B", "C", "D"), strict=True))


@dataclass
class Planted:
    """One case: its records, and what a fault changes of the way from records to served answers."""

    records: list[dict[str, Any]]
    answer: dict[str, Any] = field(default_factory=lambda: {"kind": "text", "ignoreCase": True})
    maximum_tokens: int = 24


def main() -> None:
    """Do the cases that are missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("cases", nargs="+")
    options = parser.parse_args()
    trim_last_line(options.out)
    done = set()
    if options.out.exists():
        lines = map(json.loads, options.out.read_text().splitlines())
        done = {f"{line['kind']}:{line['seed']}" for line in lines}
    missing = [case for case in options.cases if case not in done]
    with tempfile.TemporaryDirectory() as folder, options.out.open("a") as out:
        sound = sound_subject()
        weights = {name: tensor.clone() for name, tensor in sound.model.state_dict().items()}
        for number, case in enumerate(missing, 1):
            begun = time.perf_counter()
            kind, seed = case.rsplit(":", 1)
            out.write(json.dumps(run(sound, weights, kind, int(seed), Path(folder))) + "\n")
            out.flush()
            print(f"{number} of {len(missing)}: {case}, {time.perf_counter() - begun:.1f} s", file=sys.stderr)


def sound_subject() -> Subject:
    """The embedded model as the trainer would train it."""
    value = {
        "schema": "anneal.training/1",
        "key": "planted",
        "model": str(MODEL),
        "train": {"business": {"uri": "none.jsonl"}, "mix": {"business": 1, "generic": 0}},
        "evaluate": {},
        "learningRate": RATE,
        "epochs": EPOCHS,
        "batchSize": BATCH,
    }
    spec = spec_from(with_defaults(value, json.loads((SCHEMAS / "spec.schema.json").read_text())), "planted")
    return load_subject(spec, MODEL, [])


def run(sound: Subject, weights: dict[str, Any], kind: str, seed: int, folder: Path) -> dict[str, Any]:
    """The figures of one case."""
    rng = random.Random(f"{kind}:{seed}")
    planted = Planted(records=scenes(rng, folder / f"{kind}-{seed}"))
    fault = faults.FAULTS.get(kind, faults.Fault())
    if fault.records:
        fault.records(planted, rng)
    rows = [row_of(record) for record in planted.records if record["trained"]]
    held_out = [row_of(record) for record in planted.records if not record["trained"]]

    def fresh(subject_rows: list[Row]) -> Subject:
        for parameter in sound.model.parameters():
            parameter.requires_grad_(True)
        sound.model.load_state_dict(weights)
        subject = replace(sound, rows=subject_rows, seed=seed, encoder=faults.encoder_of(sound))
        return fault.subject(subject) if fault.subject else subject

    order = list(rows)
    rng.shuffle(order)
    start = start_figures(fresh(order[:PROBED]))
    line: dict[str, Any] = {
        "kind": kind,
        "seed": seed,
        "start": complete("start", start, seconds=0),
        "trained": None,
        "records": [without_paths(record) for record in planted.records],
        "answer": planted.answer,
        "served": {},
        "losses": [],
    }
    if fault.at_start:
        return line
    subject = fresh(rows)
    line["losses"] = train(subject, rows, rng)
    given = serve(subject, fault, [*rows, *held_out], planted.maximum_tokens)
    line["served"] = given
    scored = {row.id: Served(given=given[row.id], score=float(same(given[row.id], row.answer))) for row in rows}
    if sum(each.score for each in scored.values()) >= 0.97 * len(rows):
        return line
    chosen = choose(rows, scored, count=PROBED, seed=seed)
    figures: dict[str, Any] = {"items": items(replace(subject, rows=chosen), scored, planted.maximum_tokens)}
    figures["overfit"] = overfit(fresh(rows), steps=80, enough=0.02, maximum_tokens=planted.maximum_tokens)
    line["trained"] = complete("trained", figures, seconds=0)
    return line


def train(subject: Subject, rows: list[Row], rng: random.Random) -> list[float | None]:
    """A constant rate, the records in a new order each epoch; the loss of each epoch."""
    subject.model.train()
    optimizer = make_optimizer(subject, subject.learning_rate)
    losses: list[float | None] = []
    for _ in range(EPOCHS):
        order = list(rows)
        rng.shuffle(order)
        seen = []
        for begin in range(0, len(order), BATCH):
            samples = [sample for chunk in subject.batches(order[begin : begin + BATCH]) for sample in chunk]
            seen.append(train_once(subject, subject.encoder(samples), optimizer))
        mean = sum(seen) / len(seen)
        losses.append(mean if mean == mean and abs(mean) != float("inf") else None)
        if mean < 0.03:
            break
    return losses


def serve(subject: Subject, fault: "faults.Fault", rows: list[Row], maximum_tokens: int) -> dict[str, str]:
    """Greedy answers as the server of this case gives them."""
    asked = [fault.served_row(row, rows) for row in rows] if fault.served_row else rows
    kept = None
    if fault.served_weights:
        kept = {name: tensor.clone() for name, tensor in subject.model.state_dict().items()}
        fault.served_weights(subject)
    given = dict(greedy_answers(subject.model.eval(), subject.processor, asked, maximum_tokens))
    if kept is not None:
        subject.model.load_state_dict(kept)
    return given


def scenes(rng: random.Random, folder: Path) -> list[dict[str, Any]]:
    """Pictures of one part each, and the bin that it belongs to: the model knows shapes and must learn the bins."""
    folder.mkdir(parents=True)
    records = []
    while len(records) < TRAINED + HELD_OUT:
        image, objects = make_scene(rng)
        if len(objects) > 1:
            continue
        (colour, shape), place = objects[0], len(records)
        path = folder / f"{place}.png"
        image.save(path)
        records.append(
            {
                "id": f"r{place}",
                "group": f"r{place}",
                "question": "Which bin is for this part?",
                "expected": BINS[shape],
                "trained": place * 16 % 41 < 16,  # evenly, as the splits of a dataset lie in its source
                "place": place,
                "path": path,
                "colour": colour,
                "shape": shape,
            }
        )
    return records


def row_of(record: dict[str, Any]) -> Row:
    """The record as the trainer reads it."""
    question = [{"type": "image"}, {"type": "text", "text": record["question"]}]
    return Row(
        id=record["id"],
        images=(record["path"],),
        prompt=({"role": "user", "content": question},),
        completion=({"role": "assistant", "content": [{"type": "text", "text": record["expected"]}]},),
    )


def without_paths(record: dict[str, Any]) -> dict[str, Any]:
    """What the policies read."""
    names = ("id", "group", "question", "expected", "trained", "place")
    return {name: record[name] for name in names} | {"pictures": record["path"].name}


def same(given: str, answer: str) -> bool:
    """As the scorer of texts sees it."""
    return given.strip().lower() == answer.strip().lower()


if __name__ == "__main__":
    torch.manual_seed(1)
    main()
