"""Pictures of a report as SVG: who paid whom, frames of a replay, and money by the day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from engine.explorer.as_of import until
from engine.explorer.export.marks import Line, Mark, lines, marks, share
from engine.explorer.export.sheet import text
from engine.explorer.export.svg import link, shape
from engine.explorer.picture import legend_of
from engine.explorer.scene import Scene
from engine.network import node_id
from engine.plain_text import cut
from engine.report.coverage import printable

_FONT = "Noto Sans"
WIDTH = 500.0
#: So many accounts are named in the picture; more only by their numbers in the table of members.
MOST_NAMED = 40
_MOST_SUMS = 24
_LABEL = 22


@dataclass(frozen=True, slots=True)
class Legend:
    """A role in a picture: its shape as SVG, its name, how many."""

    svg: str
    name: str
    count: int


def ring_svg(scene: Scene, numbers: Mapping[str, int], sums: Mapping[tuple[str, str], str]) -> str:
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
    height = 190.0 + 9.0 * n if n <= MOST_NAMED else min(330.0 + 1.2 * n, 620.0)
    height = min(height, 460.0) if n <= MOST_NAMED else height
    drawn = _placed(scene, WIDTH, height, 54.0, 26.0)
    links = lines(scene)
    back = {(line.source, line.target) for line in links}
    parts = [*_links(scene, links, drawn), *_marks(drawn)]
    if len(links) <= _MOST_SUMS:
        parts += [
            _sum(line, drawn, back, sums[pair])
            for line, pair in zip(links, _pairs(scene), strict=True)
            if pair in sums and line.source != line.target
        ]
    parts += list(_labels(scene, drawn, numbers))
    return _svg(WIDTH, height, parts)


def frame_svg(scene: Scene, moment: pd.Timestamp) -> str:
    """Return what had been paid by a moment, small and without words."""
    width, height = 160.0, 130.0
    then = until(scene, moment.to_pydatetime())
    drawn = _placed(scene, width, height, 12.0, 12.0, 0.5)
    links = [replace(line, width=0.5 * line.width) for line in lines(then)]
    return _svg(width, height, [*_links(then, links, drawn), *_marks(drawn)])


def legend(scene: Scene) -> list[Legend]:
    """Return the roles of a picture in the order of its legend."""
    return [
        Legend(_svg(12, 12, [shape(style, 6, 6, 4.6)]), style.name, count)
        for style, count in legend_of(scene).items()
    ]


def bars_svg(points: pd.DataFrame, series: Sequence[tuple[str, str]], labels: Sequence[str]) -> str:
    """Return bars side by side.

    Parameters
    ----------
    points
        A row a bar, with the columns that ``series`` names.
    series
        Column and colour of each.
    labels
        What stands under the first, the middle, and the last row.
    """
    height, top, foot = 110.0, 6.0, 18.0
    most = max((float(points[name].max()) for name, _ in series), default=0.0) or 1.0
    step = WIDTH / max(len(points), 1)
    wide = min(step * 0.8 / len(series), 16.0)
    parts = [f'<path d="M0 {height - foot}H{WIDTH}" stroke="#94a3b8" stroke-width="0.7"/>']
    for k, (name, colour) in enumerate(series):
        for i, value in enumerate(points[name]):
            tall = (height - top - foot) * float(value) / most
            x = (i + 0.5) * step + (k - len(series) / 2) * wide
            if tall > 0:
                parts.append(
                    f'<rect x="{x:.2f}" y="{height - foot - tall:.2f}" width="{wide:.2f}" '
                    f'height="{tall:.2f}" fill="{colour}"/>'
                )
    places = ((0.0, "start"), (WIDTH / 2, "middle"), (WIDTH, "end"))
    parts += [
        f'<text x="{x:.0f}" y="{height - 4:.0f}" font-size="7.5" text-anchor="{anchor}" '
        f'fill="#475467">{text(word)}</text>'
        for (x, anchor), word in zip(places, labels, strict=True)
    ]
    return _svg(WIDTH, height, parts)


def _svg(width: float, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}" '
        f'viewBox="0 0 {width:.0f} {height:.0f}" font-family="{_FONT}">{"".join(parts)}</svg>'
    )


def _placed(
    scene: Scene, width: float, height: float, aside: float, above: float, scale: float = 1.0
) -> dict[str, Mark]:
    """Spread the marks over a picture: it may be wider than the layout is."""
    found = marks(scene)
    size = scale * (7.5 if len(found) <= MOST_NAMED else max(3.0, 7.5 - 0.02 * len(found)))
    xs = _spread(np.array([mark.x for mark in found]), aside, width - aside)
    ys = _spread(np.array([mark.y for mark in found]), above, height - above - 14 * scale)
    smallest = min(mark.size for mark in found)
    return {
        mark.key: replace(mark, x=float(x), y=float(y), size=size * (mark.size / smallest) ** 0.5)
        for mark, x, y in zip(found, xs, ys, strict=True)
    }


def _spread(at: np.ndarray, low: float, high: float) -> np.ndarray:
    wide = float(np.ptp(at))
    if wide < 1e-6:
        return np.full(len(at), (low + high) / 2)
    return np.round(low + (at - at.min()) / wide * (high - low), 1)


def _links(scene: Scene, links: Sequence[Line], drawn: Mapping[str, Mark]) -> Iterator[str]:
    both = {(line.source, line.target) for line in links}
    yield f'<g stroke-opacity="{share(scene):.2f}">'
    for line in links:
        thin = replace(line, lines=(), width=0.6 * line.width)
        yield link(thin, dict(drawn), (line.target, line.source) in both)
    yield "</g>"


def _marks(drawn: Mapping[str, Mark]) -> Iterator[str]:
    return (shape(mark.style, mark.x, mark.y, mark.size) for mark in drawn.values())


def _pairs(scene: Scene) -> list[tuple[str, str]]:
    columns = (scene.edges[name].map(str) for name in ("sender", "receiver"))
    return list(zip(*columns, strict=True))


def _sum(line: Line, drawn: Mapping[str, Mark], back: set[tuple[str, str]], told: str) -> str:
    a, b = drawn[line.source], drawn[line.target]
    # A third of the way: where many lines meet in one account, sums would hide each other.
    x, y = a.x + (b.x - a.x) * 0.36, a.y + (b.y - a.y) * 0.36
    if (line.target, line.source) in back:
        length = math.hypot(b.x - a.x, b.y - a.y) or 1.0
        x, y = x - 14 * (b.y - a.y) / length, y + 14 * (b.x - a.x) / length
    return _words(x, y + 2.4, told, 6.5, "#475467")


def _labels(scene: Scene, drawn: Mapping[str, Mark], numbers: Mapping[str, int]) -> Iterator[str]:
    is_named = len(drawn) <= MOST_NAMED
    for account in map(str, scene.nodes["account"]):
        mark = drawn[node_id(account)]
        if is_named:
            told = f"{numbers[account]} {cut(printable(account, 200), _LABEL)}"
            yield _words(mark.x, mark.y + mark.size + 8, told, 7.0, "#101828")
        else:
            yield _words(mark.x, mark.y + mark.size + 5, f"{numbers[account]}", 5.0, "#101828")


def _words(x: float, y: float, words: str, size: float, colour: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle"'
    # A light rim under the words keeps them readable where lines pass behind them.
    rim = f'<text {where} fill="#ffffff" stroke="#ffffff" stroke-width="2">'
    return f'{rim}{text(words)}</text><text {where} fill="{colour}">{text(words)}</text>'
