"""Measure a tiny model by free generation on fresh scenes: ``python -m tiny_vlm.evaluate MODEL``.

Prints one JSON object: the exact share of instructions (in all and by kind), the share of caption attributes named
right, and the exact share of letters, each with its number of items. The scenes come from a seed that no training uses.
"""

import argparse
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForImageTextToText, AutoProcessor

from tiny_vlm.scenes import Item, letter_item, scene_item

SEED = 20_000_003
BATCH = 50
INSTRUCTIONS = ("count", "colour", "shape")


def fresh_items(count: int) -> list[Item]:
    """``count`` captions, as many instructions (the kinds in turn), and half as many letters."""
    rng = random.Random(SEED)
    captions = [scene_item(rng, ("caption",)) for _ in range(count)]
    instructions = [scene_item(rng, (INSTRUCTIONS[number % 3],)) for number in range(count)]
    return captions + instructions + [letter_item(rng) for _ in range(count // 2)]


@torch.no_grad()
def answers(model: Any, processor: Any, items: Sequence[Item]) -> list[str]:
    """The greedy answer to each item."""
    given: list[str] = []
    for start in range(0, len(items), BATCH):
        chunk = items[start : start + BATCH]
        texts = [
            processor.apply_chat_template(
                [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": item.question}]}],
                add_generation_prompt=True,
            )
            for item in chunk
        ]
        images = [[item.image] for item in chunk]
        inputs = processor(text=texts, images=images, padding=True, padding_side="left", return_tensors="pt")
        tokens = model.generate(**inputs, do_sample=False, max_new_tokens=48)
        given += processor.batch_decode(tokens[:, inputs["input_ids"].shape[1] :], skip_special_tokens=True)
    return given


def attributes_right(given: str, expected: str) -> tuple[int, int]:
    """How many colours and shapes of the caption are right, object by object from the left, and how many there are.

    Objects that the answer adds count as wrong ones: naming many must not pay.
    """
    wanted = [part.split() for part in expected.split(" and ")]
    said = [part.split() for part in given.strip().split(" and ")]
    right = sum(
        sum(a == b for a, b in zip(one[1:], other[1:], strict=False)) for one, other in zip(wanted, said, strict=False)
    )
    return right, 2 * max(len(wanted), len(said))


def scores(items: Sequence[Item], given: Sequence[str]) -> dict[str, Any]:
    """The figures that the model card and the acceptance test name."""
    hits: dict[str, list[bool]] = {}
    right = total = 0
    for item, answer in zip(items, given, strict=True):
        hits.setdefault(item.kind, []).append(answer.strip() == item.answer)
        if item.kind == "caption":
            one, of = attributes_right(answer, item.answer)
            right, total = right + one, total + of
    instructions = [hit for kind in INSTRUCTIONS for hit in hits[kind]]
    return {
        "instructionsExact": sum(instructions) / len(instructions),
        "captionAttributes": right / total,
        "lettersExact": sum(hits["letter"]) / len(hits["letter"]),
        "exactByKind": {kind: sum(values) / len(values) for kind, values in sorted(hits.items())},
        "items": {kind: len(values) for kind, values in sorted(hits.items())},
    }


def main() -> None:
    """Print the figures of one model folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", type=Path)
    parser.add_argument("--count", type=int, default=600, help="captions; as many instructions, half as many letters")
    options = parser.parse_args()
    model = AutoModelForImageTextToText.from_pretrained(options.model, dtype=torch.float32).eval()
    processor = AutoProcessor.from_pretrained(options.model)
    items = fresh_items(options.count)
    print(json.dumps(scores(items, answers(model, processor, items))))


if __name__ == "__main__":
    main()
