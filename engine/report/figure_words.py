"""Words on a picture of who paid whom: names of accounts, and sums at their links."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from engine.explorer.export.marks import Line, Mark
from engine.explorer.scene import Scene
from engine.network import node_id
from engine.plain_text import cut
from engine.report.coverage import printable
from engine.report.figure_parts import Words

#: So many accounts are named in the picture; more only by their numbers in the table of members.
MOST_NAMED = 16
_LABEL = 22
_SUM = 6.5
_MANY_LINES = 12


def sums(
    scene: Scene,
    drawn: Mapping[str, Mark],
    links: Sequence[Line],
    told: Mapping[tuple[str, str], str],
) -> Iterator[Words]:
    """Yield the sum of each link beside it, nearer to the end where links are apart."""
    ends = _ends(links)
    back = {(line.source, line.target) for line in links}
    columns = (scene.edges[name].map(str) for name in ("sender", "receiver"))
    for line, pair in zip(links, zip(*columns, strict=True), strict=True):
        if pair not in told or line.source == line.target:
            continue
        at = 0.36 if ends[line.source] <= ends[line.target] else 0.64
        is_one_of_two = (line.target, line.source) in back
        x, y = _beside(line, drawn, at, told[pair], is_one_of_two=is_one_of_two)
        yield Words(x, y + 3, told[pair], _SUM)


def _beside(
    line: Line, drawn: Mapping[str, Mark], at: float, told: str, *, is_one_of_two: bool
) -> tuple[float, float]:
    """Return the middle of a sum: off its line by as much as the sum is wide or high there."""
    a, b = drawn[line.source], drawn[line.target]
    x, y = a.x + (b.x - a.x) * at, a.y + (b.y - a.y) * at
    length = math.hypot(b.x - a.x, b.y - a.y) or 1.0
    across = (a.y - b.y) / length, (b.x - a.x) / length
    if is_one_of_two:
        # Each of the two is bent to its own side.
        return x + 14 * across[0], y + 14 * across[1]
    if len(drawn) > MOST_NAMED:
        return x, y
    # A digit is about half as wide as it is high.
    off = abs(across[0]) * (0.28 * _SUM * len(told) + 2.5) + abs(across[1]) * 6.0
    up = -1 if across[1] > 0 or (across[1] == 0 and across[0] < 0) else 1
    return x + up * off * across[0], y + up * off * across[1]


def labels(
    scene: Scene, drawn: Mapping[str, Mark], links: Sequence[Line], numbers: Mapping[str, int]
) -> Iterator[Words]:
    """Yield the name of each account, or of many their numbers, above or below its mark."""
    is_named, small = len(drawn) <= MOST_NAMED, 5.0 if len(drawn) > 80 else 6.0
    steep, ends = Counter() if _is_layered(drawn) else _steep(drawn, links), _ends(links)
    for account in map(str, scene.nodes["account"]):
        key = node_id(account)
        mark, up = drawn[key], steep[key, "below"] > steep[key, "above"]
        if is_named:
            told = f"#{numbers[account]} {cut(printable(account, 200), _LABEL)}"
            yield Words(mark.x, mark.y - mark.size - 3 if up else mark.y + mark.size + 9, told)
        else:
            told = f"{numbers[account]}"
            # Over many lines a small number could not be read.
            size = 8.0 if ends[key] > _MANY_LINES else small
            yield Words(
                mark.x, mark.y - mark.size - 2 if up else mark.y + mark.size + 6.5, told, size
            )


def _is_layered(drawn: Mapping[str, Mark]) -> bool:
    """Tell whether marks stand above each other: a name between two would be of either."""
    return max(Counter(mark.x for mark in drawn.values()).values()) > 2


def _ends(links: Sequence[Line]) -> Counter[str]:
    return Counter(end for line in links for end in (line.source, line.target))


def _steep(drawn: Mapping[str, Mark], links: Sequence[Line]) -> Counter[tuple[str, str]]:
    """Count the links that leave each mark where its name might stand."""
    found: Counter[tuple[str, str]] = Counter()
    for line in links:
        for one, other in ((line.source, line.target), (line.target, line.source)):
            right, down = drawn[other].x - drawn[one].x, drawn[other].y - drawn[one].y
            if abs(down) > 0.35 * abs(right):
                found[one, "below" if down > 0 else "above"] += 1
    return found
