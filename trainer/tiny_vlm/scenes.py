"""Made scenes: the whole world that the tiny model knows before it is tuned.

One scene is a picture of one to three coloured shapes in a row, with a caption and short instructions whose
answers follow from how the picture was drawn. A second kind of picture, a blurred capital letter, teaches the
vision tower strokes; letters are not part of the measured general ability, and no digit is ever drawn.
"""

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter, ImageFont

SIDE = 128
SHAPES = ("circle", "square", "triangle", "star")
COLOURS = {
    "red": (214, 48, 44),
    "green": (44, 160, 68),
    "blue": (48, 96, 220),
    "yellow": (236, 208, 52),
    "purple": (142, 68, 173),
    "white": (240, 240, 240),
}
NUMBERS = {1: "one", 2: "two", 3: "three"}
LETTERS = "ABCDEFGHJKLMNPQRTUVWXY"

CAPTION_PROMPTS = ("Describe the image.", "What is in the image?", "Write a caption.", "Caption this image.")
COUNT_PROMPTS = ("How many shapes are there?", "Count the shapes.")
LETTER_PROMPTS = ("Which letter is written?", "Read the letter.")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question about one picture. ``kind`` is caption, count, colour, shape or letter."""

    image: Image.Image
    kind: str
    question: str
    answer: str


def draw_shape(
    draw: ImageDraw.ImageDraw, shape: str, centre: tuple[float, float], radius: float, fill: tuple[int, ...]
) -> None:
    """Draw one filled shape of the given radius (pixels) around its centre."""
    x, y = centre
    if shape == "circle":
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    elif shape == "square":
        side = radius * 0.9
        draw.rectangle((x - side, y - side, x + side, y + side), fill=fill)
    elif shape == "triangle":
        draw.polygon([(x, y - radius), (x + radius, y + radius * 0.85), (x - radius, y + radius * 0.85)], fill=fill)
    else:
        points = [
            (
                x + math.sin(turn * math.pi / 5) * radius * (1.1 if turn % 2 == 0 else 0.45),
                y - math.cos(turn * math.pi / 5) * radius * (1.1 if turn % 2 == 0 else 0.45),
            )
            for turn in range(10)
        ]
        draw.polygon(points, fill=fill)


def make_scene(rng: random.Random) -> tuple[Image.Image, list[tuple[str, str]]]:
    """Draw one scene; returns the picture and its (colour, shape) pairs from left to right."""
    count = rng.choice((1, 1, 2, 2, 3))
    ground = rng.randint(0, 60)
    image = Image.new("RGB", (SIDE, SIDE), tuple(max(0, ground + rng.randint(-8, 8)) for _ in range(3)))
    draw = ImageDraw.Draw(image)
    slot = SIDE / count
    objects = []
    for index in range(count):
        colour, shape = rng.choice(tuple(COLOURS)), rng.choice(SHAPES)
        radius = rng.uniform(14, 19 if count == 3 else 28)
        reach = max(0.0, slot / 2 - radius)
        centre = (slot * (index + 0.5) + rng.uniform(-reach, reach), rng.uniform(radius + 2, SIDE - radius - 2))
        fill = tuple(min(255, max(0, channel + rng.randint(-14, 14))) for channel in COLOURS[colour])
        draw_shape(draw, shape, centre, radius, fill)
        objects.append((colour, shape))
    return image, objects


def caption_of(objects: list[tuple[str, str]]) -> str:
    """The reference caption: every object with its colour, from left to right."""
    return " and ".join(f"a {colour} {shape}" for colour, shape in objects)


def questions_of(objects: list[tuple[str, str]], rng: random.Random) -> dict[str, tuple[str, str]]:
    """One question and answer of every kind that this scene can bear without ambiguity."""
    questions = {
        "caption": (rng.choice(CAPTION_PROMPTS), caption_of(objects)),
        "count": (rng.choice(COUNT_PROMPTS), NUMBERS[len(objects)]),
    }
    shapes, colours = [shape for _, shape in objects], [colour for colour, _ in objects]
    single_shapes = [(c, s) for c, s in objects if shapes.count(s) == 1]
    single_colours = [(c, s) for c, s in objects if colours.count(c) == 1]
    if single_shapes:
        colour, shape = rng.choice(single_shapes)
        questions["colour"] = (rng.choice((f"What colour is the {shape}?", f"Which colour has the {shape}?")), colour)
    if single_colours:
        colour, shape = rng.choice(single_colours)
        prompt = rng.choice((f"What shape is {colour}?", f"Which shape is {colour}?"))
        questions["shape"] = (prompt, shape)
    return questions


def scene_item(rng: random.Random, kinds: tuple[str, ...] = ("caption", "count", "colour", "shape")) -> Item:
    """A fresh scene and one question of a kind drawn from ``kinds``."""
    while True:
        image, objects = make_scene(rng)
        questions = questions_of(objects, rng)
        kind = rng.choice(kinds)
        if kind in questions:
            question, answer = questions[kind]
            return Item(image=image, kind=kind, question=question, answer=answer)


def letter_item(rng: random.Random) -> Item:
    """A capital letter, warped and reduced to 8 by 8 pixels of 17 grey levels, like a coarse scan."""
    letter = rng.choice(LETTERS)
    canvas = Image.new("L", (96, 96), 0)
    font = ImageFont.load_default(size=rng.randint(48, 62))
    ImageDraw.Draw(canvas).text((48, 48), letter, fill=255, font=font, anchor="mm", stroke_width=rng.randint(1, 4))
    angle, shear = math.radians(rng.uniform(-16, 16)), rng.uniform(-0.3, 0.3)
    scale_x, scale_y = rng.uniform(0.8, 1.5), rng.uniform(0.85, 1.2)
    a, b = math.cos(angle) * scale_x, (math.sin(angle) + shear) * scale_y
    d, e = -math.sin(angle) * scale_x, math.cos(angle) * scale_y
    shift_x, shift_y = rng.uniform(-5, 5), rng.uniform(-5, 5)
    warp = (a, b, 48 - a * 48 - b * 48 + shift_x, d, e, 48 - d * 48 - e * 48 + shift_y)
    canvas = canvas.transform(canvas.size, Image.Transform.AFFINE, warp, resample=Image.Resampling.BILINEAR)
    canvas = canvas.filter(ImageFilter.GaussianBlur(rng.uniform(0, 3))).crop((12, 12, 84, 84))
    small = canvas.resize((8, 8), Image.Resampling.BOX).point(lambda level: round(min(level * 1.15, 255) / 16) * 16)
    return Item(image=small.convert("RGB"), kind="letter", question=rng.choice(LETTER_PROMPTS), answer=letter)
