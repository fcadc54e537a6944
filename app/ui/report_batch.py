"""Reports of the ticked alerts in one file, made in the background."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import streamlit as st

from app.ui import background, cache, desk, narrative_source
from app.ui import format as fmt
from app.ui.background import Tell, Work
from app.ui.desk import Errand
from app.ui.evidence import sentence
from app.ui.report_files import Order, order_for
from engine.errors import EngineError
from engine.formats import Style
from engine.pack import packed
from engine.workbench import case
from engine.workbench.names import alert_name

#: Most reports of one file.
MOST = 100

#: Reports that are made at the same time: typst computes outside of Python.
_AT_ONCE = 2

_POLL_SECONDS = 1


def show_popover(ticked: Sequence[int]) -> None:
    """Offer the reports of the ticked alerts; those that are being made go on meanwhile."""
    with st.popover("Reports", help="PDF reports of the ticked alerts in one file"):
        work = background.find(_key())
        if work is None:
            _offer(ticked)
        else:
            st.fragment(_panel, run_every=None if work.is_over else _POLL_SECONDS)()


def show_ready() -> None:
    """Show reports that are being made, or wait to be taken, while nothing is ticked."""
    if background.find(_key()) is not None:
        show_popover(())


def _key() -> tuple[str, str, str]:
    return "reports", desk.address(), desk.actor().login


def _offer(ticked: Sequence[int]) -> None:
    n = len(ticked)
    st.caption("One PDF an alert, in a zip that a script in it proves. Each is about a second.")
    st.button(
        f"Make {n} report{'s' * (n != 1)}", type="primary", key="reports_make", on_click=_begin,
        args=(tuple(ticked),), disabled=n > MOST,
        help=f"At most {MOST} at once" if n > MOST else None,
    )  # fmt: skip


def _begin(alert_ids: tuple[int, ...]) -> None:
    errand, style = desk.errand(), fmt.current()
    background.begin(_key(), lambda tell: _make(errand, style, alert_ids, tell))
    st.session_state["reports_wanted"] = len(alert_ids)


@dataclass(frozen=True, slots=True)
class Made:
    """The file, and why some reports are not in it, by the names of their alerts."""

    content: bytes
    n_reports: int
    refused: dict[str, str]


def _make(errand: Errand, style: Style, alert_ids: Sequence[int], tell: Tell) -> Made:
    """Make the file: a report each, by its alert's name."""

    def one(alert_id: int) -> bytes | str:
        try:
            return _order(errand, style, alert_id).report()
        except EngineError as error:
            return str(error)
        finally:
            tell(alert_name(alert_id))

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        made = dict(zip(map(alert_name, alert_ids), pool.map(one, alert_ids), strict=True))
    files = {f"{name}.pdf": one for name, one in made.items() if isinstance(one, bytes)}
    refused = {name: one for name, one in made.items() if isinstance(one, str)}
    return Made(packed(files, {"name": "reports of alerts"}).content, len(files), refused)


def _order(errand: Errand, style: Style, alert_id: int) -> Order:
    alert = errand.read(case.alert_record, alert_id)
    cache.fetch_run(alert.run_id)
    text = narrative_source.text_for(errand, alert, style)
    return order_for(errand, alert_id, text, style)


def _panel() -> None:
    work = background.find(_key())
    if work is None:
        return
    if not work.is_over:
        wanted = max(st.session_state.get("reports_wanted", 1), 1)
        done = len(work.told)
        st.progress(min(done / wanted, 1.0), f"{done} of {wanted} reports")
        return
    _result(work)


def _result(work: Work) -> None:
    made: Made = work.result()
    if made.refused:
        st.warning(
            "\n".join(f"- {name}: {sentence(why)}" for name, why in made.refused.items()),
            icon=":material/rule:",
        )
    if made.n_reports:
        size = fmt.file_size(len(made.content))
        st.download_button(
            f"Download {made.n_reports} report{'s' * (made.n_reports != 1)}, {size}",
            made.content, file_name="reports.zip", mime="application/zip",
            icon=":material/download:", on_click="ignore", key="reports_take", type="primary",
        )  # fmt: skip
    st.button("Put away", key="reports_away", on_click=background.put_away, args=(_key(),))
