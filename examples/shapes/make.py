"""Write records.jsonl: how many shapes are in a made scene; the embedded model can answer that without tuning.

Run in the trainer's environment: ``PYTHONPATH=trainer python examples/shapes/make.py``. Same seed, same file.
"""

import json
import random
from pathlib import Path

from tiny_vlm.generic import data_uri
from tiny_vlm.scenes import NUMBERS, make_scene

COUNT, SEED = 640, 77


def main() -> None:
    """Draw the scenes and write one record each, next to this file."""
    rng = random.Random(f"shapes:{SEED}")
    with Path(__file__).with_name("records.jsonl").open("w", encoding="utf-8") as stream:
        for number in range(COUNT):
            image, objects = make_scene(rng)
            record = {
                "id": f"scene-{number}",
                "image": data_uri(image),
                "question": "How many shapes are there?",
                "answer": NUMBERS[len(objects)],
            }
            stream.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
