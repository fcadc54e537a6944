"""What an exported network says of itself; files tell moments in UTC."""

from __future__ import annotations

from datetime import datetime

from app.ui.explorer_words import filter_text
from engine.explorer.export import Sheet
from engine.explorer.scene import Scene
from engine.explorer.view import Filters, Start, View
from engine.workbench.snapshots import SnapshotRecord


def live_sheet(run_id: str, view: View, scene: Scene, currency: str | None) -> Sheet:
    """Return what there is to know of a view of a run; ``scene`` is as it is exported."""
    return Sheet(f"{start_text(view.start)} of run {run_id}", _lines(view, scene, currency))


def frozen_sheet(record: SnapshotRecord, scene: Scene) -> Sheet:
    """Return what there is to know of a snapshot; ``scene`` is as it is exported."""
    line, frozen = record.line, record.frozen
    told = (
        f"Snapshot {line.snapshot_id}, frozen {_moment(line.at)} by {line.author.name}",
        f"SHA-256 {line.sha256}",
        *((f"What it shows: {line.comment}",) if line.comment else ()),
    )
    sheet = live_sheet(line.run_id, frozen.view, scene, frozen.origin.currency)
    return Sheet(sheet.title, told + sheet.lines)


def start_text(start: Start) -> str:
    """Say where a view began, as plain text with a capital."""
    accounts = ", ".join(start.accounts)
    if start.ring_id is None:
        return f"Account{'s' * (len(start.accounts) != 1)} {accounts}"
    return f"Ring {start.ring_id}" + (f" and {accounts}" if accounts else "")


def _lines(view: View, scene: Scene, currency: str | None) -> tuple[str, ...]:
    money = f"amounts in {currency}" if currency else "amounts in units of the input"
    size = f"{len(scene.nodes):,} accounts, {len(scene.edges):,} links; {money}, moments in UTC"
    filters = "; ".join(_filters(view.filters))
    return (
        size,
        *((f"As of {_moment(view.as_of)}",) if view.as_of else ()),
        *((f"Only transfers {filters}",) if filters else ()),
        *scene.notes,
    )


def _filters(filters: Filters) -> list[str]:
    return filter_text(
        filters,
        "{:,.2f}".format,
        lambda start: f"from {_moment(start)}",
        lambda end: f"before {_moment(end)}",
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
