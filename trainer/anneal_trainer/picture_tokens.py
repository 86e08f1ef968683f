"""How many tokens hold a picture, by its size: the arithmetic of the families' processors, loading none of them.

``test/fixtures/image-tokens`` holds what the real processors count, for these and for their twins in TypeScript.
"""

import math
from dataclasses import dataclass
from typing import Any

LARGEST_SIDE = 4096
"""SmolVLM's processor enlarges no picture beyond it, whatever ``size`` says (pixels)."""


@dataclass(frozen=True, kw_only=True)
class Patches:
    """Qwen-VL: sides become multiples of patch times merge, the area is kept between two limits (pixels)."""

    patch: int
    merge: int
    minimum_pixels: int
    maximum_pixels: int

    def tokens(self, width: int, height: int) -> int:
        """One token covers (patch times merge) squared pixels."""
        factor = self.patch * self.merge
        rows, columns = round(height / factor), round(width / factor)
        pixels = rows * columns * factor**2
        if pixels > self.maximum_pixels:
            shrink = math.sqrt(height * width / self.maximum_pixels)
            rows, columns = (max(1, math.floor(side / shrink / factor)) for side in (height, width))
        elif pixels < self.minimum_pixels:
            grow = math.sqrt(self.minimum_pixels / (height * width))
            rows, columns = (math.ceil(side * grow / factor) for side in (height, width))
        return rows * columns

    def told(self) -> dict[str, Any]:
        """As ``config/models.ts`` has it: this rule's numbers stand in the model itself."""
        limits = {"minimumPixels": self.minimum_pixels, "maximumPixels": self.maximum_pixels}
        return {"patch": self.patch, "merge": self.merge, **limits}


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """Gemma 3, and SmolVLM without splitting: every picture takes as many; ``marks`` stand around them."""

    each: int
    marks: int

    def tokens(self, width: int, height: int) -> int:
        """The same for every size."""
        return self.each

    def told(self) -> dict[str, Any]:
        """As ``config/models.ts`` has it."""
        return {"pictures": {"kind": "fixed", "tokens": self.each, "marks": self.marks}}


@dataclass(frozen=True, kw_only=True)
class Tiles:
    """InternVL: the arrangement of ``least`` to ``most`` tiles nearest in ratio, and the whole picture as one more."""

    width: int
    height: int
    least: int
    most: int
    each: int

    def tokens(self, width: int, height: int) -> int:
        """Tokens a tile, times tiles."""
        tiles = self._tiles(width, height)
        return self.each * (tiles + 1 if tiles > 1 else tiles)

    def _tiles(self, width: int, height: int) -> int:
        ratio, best, nearest = width / height, 1, math.inf
        for tiles, columns in self._arrangements():
            distance = abs(ratio - columns / (tiles // columns))
            roomy = width * height > 0.5 * self.width * self.height * tiles
            if distance < nearest or (distance == nearest and roomy):
                best, nearest = tiles, distance
        return best

    def _arrangements(self) -> list[tuple[int, int]]:
        """Counts of tiles and of their columns, fewest tiles first."""
        sides = range(1, self.most + 1)
        counts = [(columns * rows, columns) for columns in sides for rows in sides]
        return sorted(each for each in counts if self.least <= each[0] <= self.most)

    def told(self) -> dict[str, Any]:
        """As ``config/models.ts`` has it."""
        tile = {"width": self.width, "height": self.height, "tokens": self.each}
        return {"pictures": {"kind": "tiles", **tile, "minimumTiles": self.least, "maximumTiles": self.most}}


@dataclass(frozen=True, kw_only=True)
class Grid:
    """SmolVLM: the longest side is brought to ``longest_side``, then squares are cut, and the whole is one more."""

    longest_side: int
    tile: int
    each: int

    def tokens(self, width: int, height: int) -> int:
        """Tokens a square, times squares."""
        wide, high = _with_longer(width, height, self.longest_side)
        # The shorter side is made even.
        wide, high = (wide, high + high % 2) if width >= height else (wide + wide % 2, high)
        wide, high = max(1, wide), max(1, high)
        if max(wide, high) > LARGEST_SIDE:
            wide, high = (max(1, side) for side in _with_longer(wide, high, LARGEST_SIDE))
        longer = math.ceil(max(wide, high) / self.tile) * self.tile
        columns, rows = (math.ceil(side / self.tile) for side in _with_longer(wide, high, longer))
        return self.each * (columns * rows + 1 if columns * rows > 1 else 1)

    def told(self) -> dict[str, Any]:
        """As ``config/models.ts`` has it."""
        return {"pictures": {"kind": "grid", "longestSide": self.longest_side, "tile": self.tile, "tokens": self.each}}


def _with_longer(width: int, height: int, longer: int) -> tuple[int, int]:
    """The size with its longer side brought to ``longer`` and the other one cut to whole pixels."""
    ratio = width / height
    return (longer, int(longer / ratio)) if width >= height else (int(longer * ratio), longer)


PictureRule = Patches | Fixed | Tiles | Grid
