"""SVG: the picture of a scene, with a title, what there is to know, labels, and a legend."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.explorer.export.marks import Line, Mark, is_hollow, lines, marks, share
from engine.explorer.export.sheet import Sheet, attribute, seen, text
from engine.explorer.picture import REST, legend_of
from engine.explorer.scene import Scene
from engine.network import RoleStyle
from engine.plain_text import cut

_FONT = "Inter, 'DejaVu Sans', 'Segoe UI', Arial, sans-serif"
_LEAST_WIDTH = 720.0
_PAD = 70.0
_LINE_HEIGHT = 17.0
#: Width of a character, as a share of the size of the letters.
_LETTER = 0.62
_HINT = "The larger a mark, the riskier the account; the thicker a line, the larger the sum."
#: Sums are written on the links of a picture with so many at most.
_MOST_SUMS = 60
#: How far two links of opposite directions bend apart, in pixels.
_BEND = 14.0
_HEAD = 7.0

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Paper:
    """Where everything goes: the picture's corner is moved by ``shift`` below the head's text."""

    width: float
    height: float
    shift: Point
    head: tuple[str, ...]
    foot: float


def svg(scene: Scene, sheet: Sheet) -> str:
    """Return a scene as SVG; it names no font, file or address that would have to be fetched."""
    drawn = {mark.key: mark for mark in marks(scene)}
    links = lines(scene)
    paper = _paper(list(drawn.values()), sheet)
    both = {(line.source, line.target) for line in links}
    x, y = paper.shift
    parts = [
        *_opening(paper, sheet, scene),
        *_head(paper, sheet),
        f'<g transform="translate({x:.1f} {y:.1f})">',
        f'<g stroke-opacity="{share(scene):.2f}">',
        *(link(line, drawn, (line.target, line.source) in both) for line in links),
        "</g>",
        *(_mark(mark) for mark in drawn.values()),
        *(_sum(line, drawn, (line.target, line.source) in both) for line in _summed(links)),
        *(_label(mark) for mark in drawn.values()),
        "</g>",
        *_legend(paper, list(legend_of(scene).items())),
        "</svg>\n",
    ]
    return "\n".join(parts)


def _paper(drawn: Sequence[Mark], sheet: Sheet) -> _Paper:
    xs, ys = [mark.x for mark in drawn] or [0.0], [mark.y for mark in drawn] or [0.0]
    wide = max(xs) - min(xs) + 2 * _PAD
    width = max(wide, _LEAST_WIDTH)
    fits = int((width - 40) / (12 * _LETTER))
    head = tuple(part for line in sheet.lines for part in _wrapped(seen(line), fits))
    top = 44 + _LINE_HEIGHT * len(head) + 24
    height = top + max(ys) - min(ys) + 2 * _PAD
    shift = (width - wide) / 2 + _PAD - min(xs), top + _PAD / 2 - min(ys)
    return _Paper(math.ceil(width), math.ceil(height + 20), shift, head, height - 28)


def _wrapped(line: str, fits: int) -> Iterator[str]:
    """Break a line between words; a word that is longer than a line is cut by it."""
    row = ""
    for word in line.split(" "):
        if row and len(row) + 1 + len(word) > fits:
            yield row
            row = ""
        row = f"{row} {cut(word, fits)}" if row else cut(word, fits)
    yield row


def _opening(paper: _Paper, sheet: Sheet, scene: Scene) -> Iterator[str]:
    size = f'width="{paper.width:.0f}" height="{paper.height:.0f}"'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {paper.width:.0f} {paper.height:.0f}" role="img" '
        f"aria-label={attribute(sheet.title)} font-family={attribute(_FONT)}>"
    )
    yield f"<title>{text(sheet.title)}</title>"
    yield f"<desc>{len(scene.nodes)} accounts and {len(scene.edges)} links between them.</desc>"
    yield f'<rect width="{paper.width:.0f}" height="{paper.height:.0f}" fill="#ffffff"/>'


def _head(paper: _Paper, sheet: Sheet) -> Iterator[str]:
    title = cut(seen(sheet.title), int((paper.width - 40) / (18 * _LETTER)))
    yield (
        f'<text x="20" y="32" font-size="18" font-weight="bold" fill="#101828">{text(title)}</text>'
    )
    for position, line in enumerate(paper.head):
        y = 54 + position * _LINE_HEIGHT
        yield f'<text x="20" y="{y:.0f}" font-size="12" fill="#475467">{text(line)}</text>'


def link(line: Line, drawn: dict[str, Mark], bends: bool) -> str:
    """Draw a link between two marks that are drawn; two of opposite directions bend apart."""
    source, target = drawn[line.source], drawn[line.target]
    told = f"<title>{text(' · '.join(line.lines))}</title>" if line.lines else ""
    if source is target:
        return _loop(source, line.width, told)
    start, middle, end = _curve(source, target, _BEND if bends else 0.0)
    if line.is_dashed:
        return (
            f'<path d="M{_at(start)}L{_at(end)}" stroke="#94a3b8" stroke-dasharray="5 4" '
            f'fill="none">{told}</path>'
        )
    tip, base, head = _arrow(middle, end, line.width)
    return (
        f'<g><path d="M{_at(start)}Q{_at(middle)} {_at(base)}" stroke="#94a3b8" '
        f'stroke-width="{line.width:.2f}" fill="none"/>'
        f'<path d="M{_at(tip)}L{_at(head[0])}L{_at(head[1])}Z" fill="#64748b"/>{told}</g>'
    )


def _curve(source: Mark, target: Mark, bend: float) -> tuple[Point, Point, Point]:
    """Return the ends of a link at the rims of its marks, and the point it bends towards."""
    dx, dy = target.x - source.x, target.y - source.y
    distance = math.hypot(dx, dy) or 1.0
    ux, uy = dx / distance, dy / distance
    start = source.x + ux * source.size, source.y + uy * source.size
    # A rest is a box, drawn over the end of its line.
    rim = 0.0 if target.style is REST else target.size + 2
    end = target.x - ux * rim, target.y - uy * rim
    middle = (start[0] + end[0]) / 2 - uy * 2 * bend, (start[1] + end[1]) / 2 + ux * 2 * bend
    return start, middle, end


def _arrow(before: Point, tip: Point, width: float) -> tuple[Point, Point, tuple[Point, Point]]:
    """Return the tip of an arrow, the middle of its base, and the base's two ends."""
    angle = math.atan2(tip[1] - before[1], tip[0] - before[0])
    length = _HEAD + 1.5 * width
    back = tip[0] - length * math.cos(angle), tip[1] - length * math.sin(angle)
    half = length * 0.42
    sides = (
        (back[0] - half * math.sin(angle), back[1] + half * math.cos(angle)),
        (back[0] + half * math.sin(angle), back[1] - half * math.cos(angle)),
    )
    return tip, back, sides


def _summed(links: Sequence[Line]) -> list[Line]:
    """Return the links that their sum is written on."""
    shown = [line for line in links if line.sum and line.source != line.target]
    return shown if len(shown) <= _MOST_SUMS else []


def _sum(line: Line, drawn: dict[str, Mark], bends: bool) -> str:
    start, middle, end = _curve(drawn[line.source], drawn[line.target], _BEND if bends else 0.0)
    # The middle of the curve lies half way to the point it bends towards.
    x = (start[0] + end[0]) / 4 + middle[0] / 2
    y = (start[1] + end[1]) / 4 + middle[1] / 2
    return _text(x, y + 4, line.sum, 10, "#475467")


def _loop(mark: Mark, width: float, told: str) -> str:
    radius = mark.size * 0.8
    return (
        f'<circle cx="{mark.x + mark.size:.1f}" cy="{mark.y - mark.size:.1f}" r="{radius:.1f}" '
        f'stroke="#94a3b8" stroke-width="{width:.2f}" fill="none">{told}</circle>'
    )


def _mark(mark: Mark) -> str:
    drawn = shape(mark.style, mark.x, mark.y, mark.size)
    return f"<g>{drawn}<title>{text(' · '.join(mark.lines), 600)}</title></g>"


def shape(style: RoleStyle, x: float, y: float, size: float) -> str:
    """Draw the shape of a role, as large as vis-network does."""
    if style is REST:
        return (
            f'<rect x="{x - 1.6 * size:.1f}" y="{y - 0.55 * size:.1f}" width="{3.2 * size:.1f}" '
            f'height="{1.1 * size:.1f}" rx="5" fill="#f1f4f9" stroke="#64748b" '
            'stroke-dasharray="4 3"/>'
        )
    paint = f'fill="{style.colour}"'
    if is_hollow(style):
        paint = f'fill="#ffffff" stroke="{style.colour}" stroke-width="2"'
    if style.shape == "dot":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" {paint}/>'
    corners = " ".join(
        f"{x + size * right:.1f},{y + size * down:.1f}" for right, down in _CORNERS[style.shape]
    )
    return f'<polygon points="{corners}" {paint}/>'


#: Corners of shapes round their middle, for a size of one.
_CORNERS: dict[str, tuple[Point, ...]] = {
    "triangle": ((0, -1.1), (1, 0.8), (-1, 0.8)),
    "triangleDown": ((0, 1.1), (1, -0.8), (-1, -0.8)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "diamond": ((0, -1.1), (1.1, 0), (0, 1.1), (-1.1, 0)),
    "hexagon": ((1, 0), (0.5, 0.87), (-0.5, 0.87), (-1, 0), (-0.5, -0.87), (0.5, -0.87)),
}


def _label(mark: Mark) -> str:
    below = 4.0 if mark.style is REST else mark.size + 14
    return _text(mark.x, mark.y + below, mark.label, 11, "#101828")


def _text(x: float, y: float, words: str, size: int, colour: str) -> str:
    # A light rim keeps words readable where lines pass behind them.
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle" fill="{colour}" '
        f'stroke="#ffffff" stroke-width="3" paint-order="stroke">{text(words)}</text>'
    )


def _legend(paper: _Paper, roles: Sequence[tuple[RoleStyle, int]]) -> Iterator[str]:
    x, y = 20.0, paper.foot
    for style, count in roles:
        name = f"{style.name} {count:,}"
        size = 5.5 if style is REST else 7.0
        yield shape(style, x + 7, y - 4, size)
        yield f'<text x="{x + 20:.0f}" y="{y:.0f}" font-size="12" fill="#101828">{name}</text>'
        x += 34 + len(name) * 12 * _LETTER
    yield f'<text x="20" y="{y + 22:.0f}" font-size="12" fill="#475467">{_HINT}</text>'


def _at(point: Point) -> str:
    return f"{point[0]:.1f} {point[1]:.1f}"
