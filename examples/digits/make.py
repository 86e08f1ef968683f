"""Write records.jsonl: the 1,797 scanned digits that come with scikit-learn (UCI optical digits, 8 by 8 pixels).

Run it with an interpreter that has scikit-learn and Pillow: python examples/digits/make.py
"""

import base64
import io
import json
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits


def data_uri(grey: np.ndarray) -> str:
    """The picture as a PNG data URI; values 0 to 16 become grey levels 0 to 255."""
    levels = np.minimum(255, np.round(grey * 255 / 16)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(levels, mode="L").save(buffer, format="PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")


def main() -> None:
    """Write one line a digit, in the order of the data set."""
    digits = load_digits()
    with (Path(__file__).parent / "records.jsonl").open("w", encoding="utf-8", newline="\n") as out:
        for number, (grey, answer) in enumerate(zip(digits.images, digits.target, strict=True)):
            record = {
                "id": f"digit-{number:04d}",
                "image": data_uri(grey),
                "question": "Which digit is written?",
                "answer": str(answer),
            }
            out.write(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
