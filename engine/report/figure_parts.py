"""What pictures of a report are made of, and the bars of money over time.

Shapes and lines are SVG. Words stand over it as text of the page: a reader finds and selects them,
and they are set with the fonts of all scripts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

#: Of the text of a page, in points.
WIDTH = 498.0


@dataclass(frozen=True, slots=True)
class Words:
    """Words on a picture, with their foot at ``y``, and ``x`` at their ``align``."""

    x: float
    y: float
    text: str
    size: float = 7.0
    align: str = "center"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in points: what is drawn, and the words over it."""

    svg: str
    width: float
    height: float
    words: tuple[Words, ...] = ()


def bars(points: pd.DataFrame, column: str, labels: Sequence[str]) -> Picture:
    """Return bars over time.

    Parameters
    ----------
    points
        A row a bar.
    column
        What its height tells.
    labels
        What stands under the first, the middle, and the last row.
    """
    height, top, foot = 104.0, 4.0, 14.0
    most = float(points[column].max()) or 1.0
    step = WIDTH / max(len(points), 1)
    wide = min(step * 0.8, 16.0)
    parts = [f'<path d="M0 {height - foot}H{WIDTH}" stroke="#94a3b8" stroke-width="0.7"/>']
    for i, value in enumerate(points[column]):
        tall = (height - top - foot) * float(value) / most
        if tall > 0:
            parts.append(
                f'<rect x="{(i + 0.5) * step - wide / 2:.2f}" y="{height - foot - tall:.2f}" '
                f'width="{wide:.2f}" height="{tall:.2f}" fill="#2563eb"/>'
            )
    places = ((0.0, "left"), (WIDTH / 2, "center"), (WIDTH, "right"))
    words = [
        Words(x, height, word, align=align) for (x, align), word in zip(places, labels, strict=True)
    ]
    return Picture(svg(WIDTH, height, parts), WIDTH, height, tuple(words))


def svg(width: float, height: float, parts: Sequence[str]) -> str:
    """Return a picture's parts as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}">{"".join(parts)}</svg>'
    )
