"""The same work with Hugging Face ``datasets`` and Pillow: ``python huggingFace.py FOLDER INTO PROCESSES``.

Reads ``records.jsonl``, decodes every picture upright, as RGB on white, hashes its pixels, writes it as PNG, and saves
the records with their digests. Prints one JSON line with the seconds, imports not counted.
"""

import hashlib
import json
import resource
import sys
import time
from pathlib import Path

import datasets
from PIL import Image, ImageOps


def bake(row: dict[str, str], folder: str, into: str) -> dict[str, str]:
    """The row with the digest of its picture, which is written to ``into``."""
    with Image.open(Path(folder) / row["image"]) as opened:
        upright = ImageOps.exif_transpose(opened)
        if upright.mode in ("RGBA", "LA", "P"):
            alpha = upright.convert("RGBA")
            upright = Image.new("RGBA", alpha.size, "white")
            upright.alpha_composite(alpha)
        picture = upright.convert("RGB")
    digest = hashlib.sha256(picture.tobytes()).hexdigest()
    picture.save(Path(into) / f"{digest}.png")
    return {"digest": digest}


def main() -> None:
    """Run the arm."""
    folder, into, processes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    Path(into).mkdir(parents=True, exist_ok=True)
    datasets.disable_progress_bars()
    began = time.perf_counter()
    records = datasets.load_dataset(
        "json", data_files=f"{folder}/records.jsonl", split="train", cache_dir=f"{into}/cache"
    )
    baked = records.map(bake, fn_kwargs={"folder": folder, "into": into}, num_proc=processes)
    baked.save_to_disk(f"{into}/dataset")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(json.dumps({"result": str(len(baked)), "seconds": seconds, "peakBytes": peak * 1024}))


if __name__ == "__main__":
    main()
