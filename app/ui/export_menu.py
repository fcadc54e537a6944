"""The menu of files that a network can be taken away as."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from app.ui import account_ids, cache, desk
from app.ui.evidence import csv_bytes
from engine.explorer import export
from engine.explorer.export import Sheet
from engine.explorer.scene import Scene

T = TypeVar("T")

Make = Callable[[Scene, Sheet], bytes]
Noted = Callable[[str, Callable[[], T]], Callable[[], T]]

#: Label, end of the file's name, its kind, what it is good for, and what makes it.
_FILES: tuple[tuple[str, str, str, str, Make], ...] = (
    ("Page (HTML)", "html", "text/html", "Opens in any browser, also without a network; marks can "
     "be moved and asked for details", lambda scene, sheet: export.page(scene, sheet).encode()),
    ("Picture (PNG)", "png", "image/png", "For a message or a document", export.png),
    ("Picture (SVG)", "svg", "image/svg+xml", "For print: sharp at every size",
     lambda scene, sheet: export.svg(scene, sheet).encode()),
    ("Graph (GraphML)", "graphml", "application/graphml+xml", "For Gephi, yEd, Cytoscape, or "
     "networkx", export.graphml),
    ("Accounts (CSV)", "accounts.csv", "text/csv", "For a spreadsheet",
     lambda scene, _: csv_bytes(export.account_table(scene))),
    ("Links (CSV)", "links.csv", "text/csv", "For a spreadsheet",
     lambda scene, _: csv_bytes(export.link_table(scene))),
)  # fmt: skip


def of_run(run_id: str, scene: Scene, sheet: Sheet, name: str) -> None:
    """Offer what is drawn of a run as files.

    Parameters
    ----------
    run_id
        The run.
    scene, sheet
        What is drawn, as it is shown to who is signed in, and what there is to know of it.
    name
        Of the files, without their ends.
    """

    def noted(what: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
        return cache.noted(run_id, what, make)

    _menu(scene, sheet, name, noted)


def of_snapshot(snapshot_id: int, scene: Scene, sheet: Sheet) -> None:
    """Offer a snapshot as files."""

    def noted(what: str, make: Callable[[], bytes]) -> Callable[[], bytes]:
        note = account_ids.note_later(f"snapshot {snapshot_id}", what)

        def made() -> bytes:
            note()
            return make()

        return made

    _menu(scene, sheet, f"snapshot-{snapshot_id}", noted)


def _menu(scene: Scene, sheet: Sheet, name: str, noted: Noted[bytes]) -> None:
    if not desk.may("export"):
        return
    with st.popover("Export", icon=":material/download:", key=f"export_{name}"):
        st.caption("What is drawn now. Every download is recorded.")
        for label, end, kind, good_for, make in _FILES:
            st.download_button(
                label, noted(f"network as {end}", _bound(make, scene, sheet)),
                file_name=f"{name}.{end}" if "." not in end else f"{name}-{end}", mime=kind,
                on_click="ignore", key=f"export_{name}_{end}", help=good_for, width="stretch",
            )  # fmt: skip


def _bound(make: Make, scene: Scene, sheet: Sheet) -> Callable[[], bytes]:
    return lambda: make(scene, sheet)
