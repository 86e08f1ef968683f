"""LLaMA-Factory's own training, with the times of its steps written down. ``train_llama_factory.py SETTINGS OUT``."""

import json
import sys
from pathlib import Path

from llamafactory.train.tuner import run_exp
from step_times import StepTimes


def main(settings: Path, out: Path) -> None:
    run_exp(args=json.loads(settings.read_text()), callbacks=[StepTimes(out)])


main(Path(sys.argv[1]), Path(sys.argv[2]))
