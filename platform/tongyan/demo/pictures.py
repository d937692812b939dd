"""Pictures, drawn without a single letter (a machine may have no Chinese typeface)."""

import io
import math
from random import Random

from PIL import Image, ImageDraw

SKY, MIST = (250, 236, 214), (232, 205, 176)
HILLS = ((214, 178, 150), (184, 130, 104), (146, 88, 68), (96, 58, 50))
LEAVES = ((196, 72, 44), (216, 110, 50), (178, 52, 40), (230, 150, 60))


def autumn_hills(_topic: str, _author: str) -> bytes:
    """Return maple hills in the evening, for 山行."""
    width, height = 1600, 900
    image = Image.new("RGB", (width, height), MIST)
    draw = ImageDraw.Draw(image)
    for y in range(height // 2):
        part = y / (height / 2)
        tone = tuple(round(high + (low - high) * part) for high, low in zip(SKY, MIST, strict=True))
        draw.line([(0, y), (width, y)], fill=tone)
    draw.ellipse([1180, 110, 1330, 260], fill=(240, 160, 96))
    for number, colour in enumerate(HILLS):
        draw.polygon(
            [(0, height), *_ridge(width, 380 + number * 130, 90 - number * 12, number), (width, height)], colour
        )
    _leaves(draw, width, height)
    return _png(image)


def _ridge(width: int, level: int, swing: int, seed: int) -> list[tuple[float, float]]:
    waves = ((0.0042, 1.0), (0.011, 0.45), (0.027, 0.18))
    return [
        (x, level - swing * sum(part * math.sin(x * pace + seed * 1.9 + pace * 400) for pace, part in waves))
        for x in range(0, width + 8, 8)
    ]


def _leaves(draw: ImageDraw.ImageDraw, width: int, height: int) -> None:
    chance = Random("山行")  # noqa: S311 # the same picture every time is what is wanted
    for _ in range(420):
        x, y, size = chance.uniform(0, width), chance.triangular(520, height, height), chance.uniform(5, 17)
        draw.ellipse([x - size, y - size, x + size, y + size], fill=chance.choice(LEAVES))


def writing_grid(_topic: str, _author: str) -> bytes:
    """Return a sheet of 米字格 for writing, ten by seven."""
    cell, margin = 200, 60
    image = Image.new("RGB", (10 * cell + 2 * margin, 7 * cell + 2 * margin), (255, 255, 255))
    draw = ImageDraw.Draw(image)
    for row in range(7):
        for column in range(10):
            left, top = margin + column * cell, margin + row * cell
            right, bottom, middle = left + cell, top + cell, cell // 2
            for line in (
                (left, top, right, bottom),
                (left, bottom, right, top),
                (left + middle, top, left + middle, bottom),
                (left, top + middle, right, top + middle),
            ):
                draw.line(line, fill=(236, 190, 184), width=2)
            draw.rectangle([left, top, right, bottom], outline=(196, 84, 72), width=5)
    return _png(image)


def _png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.quantize(64).save(stream, "PNG", optimize=True)
    return stream.getvalue()
