"""Write generic data of the tiny model's world: ``python -m tiny_vlm.generic FOLDER --captions 1200``.

Two files of records {"id", "image", "question", "answer", "kind"}, the picture as a PNG data URI: ``captions.jsonl``
and ``instructions.jsonl`` (count, colour, shape in turn). Same numbers and seed, same files.
"""

import argparse
import base64
import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

from PIL import Image

from tiny_vlm.scenes import Item, scene_item

INSTRUCTIONS = ("count", "colour", "shape")


def data_uri(image: Image.Image) -> str:
    """The picture as a PNG data URI, by a palette where that loses nothing (a scene has few colours)."""
    colours = image.convert("RGB").getcolors(256)
    small = image.convert("RGB").quantize(len(colours), dither=Image.Dither.NONE) if colours else image
    if small.convert("RGB").tobytes() != image.convert("RGB").tobytes():
        small = image
    stream = io.BytesIO()
    small.save(stream, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"


def items(kinds: tuple[str, ...], count: int, seed: int) -> Iterator[Item]:
    """``count`` fresh scenes with a question each, the kinds in turn."""
    rng = random.Random(f"generic:{seed}:{kinds[0]}")
    for number in range(count):
        yield scene_item(rng, (kinds[number % len(kinds)],))


def write(path: Path, kinds: tuple[str, ...], count: int, seed: int) -> None:
    """Write one file of records."""
    with path.open("w", encoding="utf-8") as stream:
        for number, item in enumerate(items(kinds, count, seed)):
            record = {
                "id": f"{path.stem}-{number}",
                "image": data_uri(item.image),
                "question": item.question,
                "answer": item.answer,
                "kind": item.kind,
            }
            stream.write(json.dumps(record) + "\n")


def main() -> None:
    """Write both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--captions", type=int, default=1200)
    parser.add_argument("--instructions", type=int, default=1200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    write(options.folder / "captions.jsonl", ("caption",), options.captions, options.seed)
    write(options.folder / "instructions.jsonl", INSTRUCTIONS, options.instructions, options.seed)


if __name__ == "__main__":
    main()
