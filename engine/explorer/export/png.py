"""PNG: the SVG, drawn to pixels by typst."""

from __future__ import annotations

import re

import typst

from engine.explorer.export.sheet import Sheet
from engine.explorer.export.svg import svg
from engine.explorer.scene import Scene

#: Pixels of the file for one of the screen, and the most along a side.
_SCALE = 2.0
_MOST_PIXELS = 8_000

#: typst's points are 4/3 pixels of the screen.
_PPI = 96

#: The picture is handed over as data: nothing in it is read as typst.
_TEMPLATE = b"""#set page(width: auto, height: auto, margin: 0pt)
#image(bytes(sys.inputs.svg), format: "svg")
"""


def png(scene: Scene, sheet: Sheet) -> bytes:
    """Return a scene as PNG, twice as large as on the screen where that is not too large."""
    picture = svg(scene, sheet)
    found = re.search(r'width="(\d+)" height="(\d+)"', picture)
    assert found is not None, "the picture says its size"
    scale = min(_SCALE, _MOST_PIXELS / max(map(int, found.groups())))
    written: bytes = typst.compile(
        _TEMPLATE, format="png", ppi=_PPI * scale, sys_inputs={"svg": picture}
    )
    return written
