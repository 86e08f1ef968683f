"""Reads an export with LLaMA-Factory's own loader and placeholder check, and prints each row. FOLDER NAME STAGE as arguments."""

import json
import os
import sys


def main(folder: str, name: str, stage: str) -> None:
    from llamafactory.data.loader import _get_merged_dataset
    from llamafactory.data.mm_plugin import BasePlugin
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import Seq2SeqTrainingArguments

    model = ModelArguments(model_name_or_path="none")
    data = DataArguments(dataset=name, dataset_dir=folder, template="qwen3_vl_nothink", overwrite_cache=True)
    training = Seq2SeqTrainingArguments(output_dir=os.path.join(folder, "output"), report_to="none")
    plugin = BasePlugin(image_token="<image>", video_token=None, audio_token=None)
    for row in _get_merged_dataset(data.dataset, model, data, training, stage):
        images = row["_images"] or []
        messages = row["_prompt"] + row["_response"][:1]
        plugin._validate_messages(messages, images, [], [])
        system = [["system", row["_system"]]] if row["_system"] else []
        worse = row["_response"][1]["content"] if len(row["_response"]) > 1 else None
        print(
            "ROW",
            json.dumps(
                {
                    "turns": system + [[message["role"], message["content"]] for message in messages],
                    "worse": worse,
                    "images": [os.path.basename(image) for image in images],
                    "there": all(os.path.isfile(image) for image in images),
                }
            ),
        )


main(*sys.argv[1:])
