"""One epoch by a bare PyTorch loop: TRL's collation, AdamW, clipped gradients, and nothing around them.

Run by ``npm run bench -- throughput``; PYTHONPATH is the trainer's folder. ``bare.py SPEC OUT``.
"""

import sys
import time
from pathlib import Path
from typing import Any

from anneal_trainer.device import best_device, quiet_libraries

quiet_libraries()

import torch  # noqa: E402
from anneal_trainer.files import path_of  # noqa: E402
from anneal_trainer.images import read_image  # noqa: E402
from anneal_trainer.records import read_rows  # noqa: E402
from anneal_trainer.spec import read_spec  # noqa: E402
from step_times import content_of, write_times  # noqa: E402
from transformers import AutoModelForImageTextToText, AutoProcessor  # noqa: E402
from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling  # noqa: E402


def main(file: Path, out: Path) -> None:
    """Write the time after each step."""
    spec = read_spec(file)
    device = best_device()
    torch.manual_seed(spec.seed)
    folder = path_of(spec.model)
    model = AutoModelForImageTextToText.from_pretrained(folder, dtype=torch.float32, local_files_only=True)
    model.to(device).train()
    processor = AutoProcessor.from_pretrained(folder, local_files_only=True)
    collate = DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=spec.learning_rate, weight_decay=spec.weight_decay)
    rows = read_rows(spec.business, spec.seed)
    times: list[float] = []
    first: dict[str, Any] = {}
    for start in range(0, len(rows), spec.batch_size):
        chosen = rows[start : start + spec.batch_size]
        batch = collate(
            [
                {
                    "images": [read_image(path) for path in row.images],
                    "prompt": list(row.prompt),
                    "completion": list(row.completion),
                }
                for row in chosen
            ]
        )
        batch = {name: tensor.to(device) for name, tensor in batch.items()}
        first = first or content_of(model, batch)
        model(**batch).loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), spec.gradient_clip)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        times.append(time.time())
    write_times(out, times, str(device), first)


main(Path(sys.argv[1]), Path(sys.argv[2]))
