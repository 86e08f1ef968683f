"""Reads an export with ms-swift's own loader, strictly, and prints each row as it stands there. FILE as argument."""

import json
import os
import sys


def main(file: str) -> None:
    from swift.dataset import load_dataset

    dataset, _ = load_dataset([file], strict=True, load_from_cache_file=False, shuffle=False)
    for row in dataset:
        images = [image["path"] if isinstance(image, dict) else image for image in row["images"] or []]
        print(
            "ROW",
            json.dumps(
                {
                    "turns": [[message["role"], message["content"]] for message in row["messages"]],
                    "worse": row.get("rejected_response"),
                    "images": [os.path.basename(image) for image in images],
                    "there": all(os.path.isfile(image) for image in images),
                    "learnt": [message.get("loss") for message in row["messages"] if message["role"] == "assistant"],
                }
            ),
        )


main(sys.argv[1])
