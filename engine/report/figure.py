"""Pictures of who paid whom: the whole of it, and frames of a replay."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from engine.explorer.as_of import until
from engine.explorer.export.marks import Line, Mark, lines, marks, share
from engine.explorer.export.svg import link, shape
from engine.explorer.picture import legend_of
from engine.explorer.scene import Scene
from engine.report import figure_words
from engine.report.figure_parts import WIDTH, Picture, svg
from engine.report.figure_words import MOST_NAMED

_MOST_SUMS = 24

#: From so many accounts side by side on they are set off by turns, to have room for each.
_CROWD = 14


@dataclass(frozen=True, slots=True)
class Legend:
    """A role in a picture: its shape as SVG, its name, how many."""

    svg: str
    name: str
    count: int


def ring_picture(
    scene: Scene, numbers: Mapping[str, int], sums: Mapping[tuple[str, str], str]
) -> Picture:
    """Return who paid whom, with the accounts' numbers in the table of members.

    Parameters
    ----------
    scene
        What to draw.
    numbers
        Number of each account.
    sums
        The sum of each pair of sender and receiver, in words.
    """
    n = len(scene.nodes)
    height = 150.0 + 8.0 * n if n <= MOST_NAMED else min(220.0 + 2.2 * n, 600.0)
    height = 84.0 if _is_flat(scene) else height
    drawn = _placed(scene, WIDTH, height, 54.0, 22.0)
    links = lines(scene)
    words = [*figure_words.labels(scene, drawn, links, numbers)]
    if len(links) <= _MOST_SUMS:
        words += figure_words.sums(scene, drawn, links, sums)
    shapes = svg(WIDTH, height, [*_links(scene, links, drawn), *_marks(drawn)])
    return Picture(shapes, WIDTH, height, tuple(words))


def frame_picture(scene: Scene, moment: pd.Timestamp) -> Picture:
    """Return what had been paid by a moment, small and without words."""
    width, height = 150.0, 50.0 if _is_flat(scene) else 122.0
    then = until(scene, moment.to_pydatetime())
    drawn = _placed(scene, width, height, 12.0, 12.0, 0.5)
    links = [replace(line, width=0.5 * line.width) for line in lines(then)]
    shapes = svg(width, height, [*_links(then, links, drawn), *_marks(drawn)])
    return Picture(shapes, width, height)


def _is_flat(scene: Scene) -> bool:
    """Tell whether all accounts stand on one level."""
    return float(np.ptp(scene.nodes["y"])) < 1e-6


def legend(scene: Scene) -> list[Legend]:
    """Return the roles of a picture in the order of its legend."""
    return [
        Legend(svg(12, 12, [shape(style, 6, 6, 4.6)]), style.name, count)
        for style, count in legend_of(scene).items()
    ]


def _placed(
    scene: Scene, width: float, height: float, aside: float, above: float, scale: float = 1.0
) -> dict[str, Mark]:
    """Spread the marks over a picture: it may be wider than the layout is."""
    found = marks(scene)
    size = scale * (7.5 if len(found) <= MOST_NAMED else max(3.0, 7.5 - 0.02 * len(found)))
    xs = _spread(np.array([mark.x for mark in found]), aside, width - aside)
    ys = _spread(np.array([mark.y for mark in found]), above, height - above - 14 * scale)
    if len(found) > MOST_NAMED:
        xs, ys = _set_off(xs, ys, scale)
        xs = _spread(xs, aside, width - aside)
    smallest = min(mark.size for mark in found)
    return {
        mark.key: replace(mark, x=float(x), y=float(y), size=size * (mark.size / smallest) ** 0.5)
        for mark, x, y in zip(found, xs, ys, strict=True)
    }


def _set_off(xs: np.ndarray, ys: np.ndarray, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Set accounts off by turns: those of a layer to its sides, those of a star to its middle."""
    xs, ys = xs.copy(), ys.copy()
    columns, sizes = np.unique(xs, return_counts=True)
    for x in columns[sizes > _CROWD]:
        layer = np.flatnonzero(xs == x)
        turns = 2 + len(layer) // 25
        order = layer[np.argsort(ys[layer], kind="stable")]
        xs[order] += scale * 17.0 * (np.arange(len(order)) % turns - (turns - 1) / 2)
    for x in columns[(sizes > 1) & (sizes <= _CROWD)] if (sizes > _CROWD).any() else ():
        layer = np.flatnonzero(xs == x)
        order = layer[np.argsort(ys[layer], kind="stable")]
        if np.diff(ys[order]).min() < scale * 20.0:
            # Beside a crowd a few would lie on each other.
            ys[order] = ys.mean() + scale * 20.0 * (np.arange(len(order)) - (len(order) - 1) / 2)
    if (sizes > _CROWD).any():
        return xs, ys
    middle = np.array([(xs.min() + xs.max()) / 2, (ys.min() + ys.max()) / 2])
    far = np.array([1.0, 0.86, 0.72])[np.arange(len(xs)) % 3]
    return middle[0] + (xs - middle[0]) * far, middle[1] + (ys - middle[1]) * far


def _spread(at: np.ndarray, low: float, high: float) -> np.ndarray:
    wide = float(np.ptp(at))
    if wide < 1e-6:
        return np.full(len(at), (low + high) / 2)
    spread: np.ndarray = np.round(low + (at - at.min()) / wide * (high - low), 1)
    return spread


def _links(scene: Scene, links: Sequence[Line], drawn: Mapping[str, Mark]) -> Iterator[str]:
    if len(drawn) > MOST_NAMED:
        yield from _threads(links, drawn)
        return
    both = {(line.source, line.target) for line in links}
    yield f'<g stroke-opacity="{share(scene):.2f}">'
    for line in links:
        thin = replace(line, lines=(), width=0.6 * line.width)
        yield link(thin, dict(drawn), (line.target, line.source) in both)
    yield "</g>"


def _threads(links: Sequence[Line], drawn: Mapping[str, Mark]) -> Iterator[str]:
    """Draw many links as thin lines, darker where the money arrives."""
    wide = max(0.5, 30.0 / len(drawn))
    for line in links:
        a, b = drawn[line.source], drawn[line.target]
        middle = a.x + 0.6 * (b.x - a.x), a.y + 0.6 * (b.y - a.y)
        for begin, end, colour in (
            ((a.x, a.y), middle, "#cbd5e1"),
            (middle, (b.x, b.y), "#64748b"),
        ):
            line_to = f"M{begin[0]:.1f} {begin[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"
            yield f'<path d="{line_to}" stroke="{colour}" stroke-width="{wide:.2f}"/>'


def _marks(drawn: Mapping[str, Mark]) -> Iterator[str]:
    return (shape(mark.style, mark.x, mark.y, mark.size) for mark in drawn.values())
