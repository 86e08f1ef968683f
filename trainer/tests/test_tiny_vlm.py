"""The tiny model's generic data and its measure."""

import base64
import io
import json
import random
from pathlib import Path

from PIL import Image

from tests.jobs import Warm
from tiny_vlm.generic import data_uri, write
from tiny_vlm.scenes import letter_item, scene_item


def test_a_data_uri_loses_nothing_and_stays_small() -> None:
    rng = random.Random(5)
    for make in (scene_item, letter_item):
        for _ in range(20):
            image = make(rng).image
            uri = data_uri(image)
            read = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
            assert read.convert("RGB").tobytes() == image.tobytes()
            assert len(uri) < 1500


def test_the_same_seed_writes_the_same_records(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write(tmp_path / name / "instructions.jsonl", ("count", "colour", "shape"), 9, seed=4)
    first = (tmp_path / "a/instructions.jsonl").read_text()
    assert first == (tmp_path / "b/instructions.jsonl").read_text()
    records = [json.loads(line) for line in first.splitlines()]
    assert [record["kind"] for record in records] == ["count", "colour", "shape"] * 3
    assert records[0].keys() == {"id", "image", "question", "answer", "kind"}


def test_caption_attributes_are_counted_object_by_object(warm: Warm) -> None:
    def attributes_right(given: str, expected: str) -> tuple[int, int]:
        right, total = warm.call("tiny_vlm.evaluate:attributes_right", given, expected)
        return right, total

    expected = "a red circle and a blue star"
    assert attributes_right(expected, expected) == (4, 4)
    assert attributes_right("a red star and a blue star", expected) == (3, 4)
    assert attributes_right("a red circle", expected) == (2, 4)
    assert attributes_right(f"{expected} and a red circle", expected) == (4, 6)
    assert attributes_right("", expected) == (0, 4)
