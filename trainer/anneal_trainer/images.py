"""Reading and shifting pictures."""

import math
import random
from pathlib import Path

import numpy
from PIL import Image

from anneal_trainer.problems import TrainerProblem

SMALL = 128
"""Pixels of width below which a picture is enlarged before it is shifted."""


def read_image(path: Path) -> Image.Image:
    """The picture in RGB.

    Raises ``TrainerProblem`` (data) when the file is no picture.
    """
    try:
        with Image.open(path) as image:
            return image.convert("RGB")
    except (OSError, ValueError) as error:
        raise TrainerProblem("data", f"{path} is no readable image: {error}") from error


def shifted(image: Image.Image, percent: float, rng: random.Random) -> Image.Image:
    """The picture moved by up to ``percent`` of its width, both ways, its edge colours filling what is laid bare.

    A small picture is enlarged by a whole factor first, as the processor would do anyway: else the least shift of an
    8-pixel scan would be an eighth of its width.
    """
    if image.width < SMALL:
        factor = math.ceil(SMALL / image.width)
        image = image.resize((image.width * factor, image.height * factor), Image.Resampling.BICUBIC)
    reach = round(image.width * percent / 100)
    across, down = rng.randint(-reach, reach), rng.randint(-reach, reach)
    padded = numpy.pad(numpy.asarray(image), ((reach, reach), (reach, reach), (0, 0)), mode="edge")
    top, left = reach - down, reach - across
    return Image.fromarray(padded[top : top + image.height, left : left + image.width])
