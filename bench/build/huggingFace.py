"""The same work with Hugging Face ``datasets`` and Pillow: ``python huggingFace.py FOLDER INTO PROCESSES LEVEL``.

Reads ``records.jsonl``, decodes every picture upright, as RGB on white, hashes its pixels, writes it as PNG of that
compression level, and saves the records with their digests. Prints one JSON line with the seconds, imports not counted.
"""

import hashlib
import json
import resource
import sys
import time
from pathlib import Path

import datasets
from PIL import Image, ImageOps


def bake(row: dict[str, str], folder: str, into: str, level: int) -> dict[str, str]:
    """The row with the digest of its picture, which is written to ``into``."""
    with Image.open(Path(folder) / row["image"]) as opened:
        upright = ImageOps.exif_transpose(opened)
        if upright.mode in ("RGBA", "LA", "P"):
            alpha = upright.convert("RGBA")
            upright = Image.new("RGBA", alpha.size, "white")
            upright.alpha_composite(alpha)
        picture = upright.convert("RGB")
    digest = hashlib.sha256(picture.tobytes()).hexdigest()
    picture.save(Path(into) / f"{digest}.png", compress_level=level)
    return {"digest": digest}


def cpu_seconds() -> float:
    """Of this process and of those that it waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    """Run the arm."""
    folder, into, processes, level = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    Path(into).mkdir(parents=True, exist_ok=True)
    datasets.disable_progress_bars()
    began, cpu_began = time.perf_counter(), cpu_seconds()
    records = datasets.load_dataset(
        "json", data_files=f"{folder}/records.jsonl", split="train", cache_dir=f"{into}/cache"
    )
    baked = records.map(bake, fn_kwargs={"folder": folder, "into": into, "level": level}, num_proc=processes)
    baked.save_to_disk(f"{into}/dataset")
    seconds = time.perf_counter() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    used = {"seconds": seconds, "cpuSeconds": cpu_seconds() - cpu_began, "peakBytes": peak * 1024}
    print(json.dumps({"result": str(len(baked)), **used}))


if __name__ == "__main__":
    main()
