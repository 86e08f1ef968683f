"""Reads an export with datasets and TRL's own preparation of messages, and prints each row. FILE MODEL as arguments.

Rows of answers also pass TRL's collator with the model's processor: what is learnt of a row is decoded and compared.
"""

import json
import os
import sys

COLLATED = 64
"""Rows that are collated: all of them would take minutes, and they are made alike."""


def main(file: str, model: str) -> None:
    from datasets import load_dataset
    from PIL import Image
    from transformers import AutoProcessor
    from trl.data_utils import prepare_multimodal_messages
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    os.chdir(os.path.dirname(file))
    processor = AutoProcessor.from_pretrained(model)
    collate = DataCollatorForVisionLanguageModeling(processor, max_length=None, completion_only_loss=True)
    for index, row in enumerate(load_dataset("json", data_files=file, split="train")):
        answer = row.get("completion") or row["chosen"]
        messages = prepare_multimodal_messages(row["prompt"] + answer, images=list(row["images"]))
        if "completion" in row and index < COLLATED:
            check_learnt(collate, processor, row, [Image.open(name).convert("RGB") for name in row["images"]])
        print(
            "ROW",
            json.dumps(
                {
                    "turns": [[message["role"], "".join(map(text_of, message["content"]))] for message in messages],
                    "worse": "".join(map(text_of, row["rejected"][0]["content"])) if "rejected" in row else None,
                    "images": [os.path.basename(name) for name in row["images"]],
                    "there": all(os.path.isfile(name) for name in row["images"]),
                }
            ),
        )


def text_of(part: dict) -> str:
    return "<image>" if part["type"] == "image" else part["text"]


def check_learnt(collate, processor, row: dict, images: list) -> None:
    batch = collate([{**row, "images": images}])
    labels = batch["labels"][0]
    learnt = processor.tokenizer.decode(labels[labels != -100], skip_special_tokens=True).strip()
    wanted = text_of(row["completion"][0]["content"][0])
    if learnt != wanted:
        raise SystemExit(f"TRL learns {learnt!r} of a row whose answer is {wanted!r}.")


main(*sys.argv[1:])
