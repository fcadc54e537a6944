"""Alerts: the queue of work, and the alert that is open with all that is needed to decide it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from app.ui import (
    alert_grid,
    cache,
    case_view,
    desk,
    filters,
    messages,
    queue_bulk,
    queue_counts,
    queue_empty,
    queue_export,
    queue_figures,
    queue_filters,
    queue_intake,
    queue_keys,
    queue_open,
    queue_part,
    queue_suppressed,
    queue_views,
    state,
)
from engine.workbench import assignment, clock, queue
from engine.workbench import queue_figures as figures
from engine.workbench.errors import NotFoundError
from engine.workbench.queue_filter import QueueFilter

GRID = "alerts_grid"


def typologies_of(data_set: str | None) -> list[str]:
    """Return the typologies that the alerts of a data set have, the most frequent first."""
    found = queue_counts.ask_of_intake(queue.typologies, QueueFilter(data_set=data_set))
    return [str(name) for name in found["typology"]]


def show_list(
    chosen: QueueFilter,
    n_alerts: int,
    in_view: int | None,
    ticked: Sequence[int],
    workers: Mapping[str, str],
) -> None:
    """Show one page of the queue, with what can be done to the ticked alerts on it."""
    # Below the list: what comes and goes there does not move the rows under the mouse.
    grid, bar = st.container(), st.container()
    size = desk.seat().preferences.queue_page_size
    page = filters.page_number(n_alerts, size, state.ALERTS_PAGE)
    queue_export.show_download(chosen, n_alerts)
    listed = desk.read(queue.page, chosen, page, size)
    on_page = [int(number) for number in listed["id"]]
    queue_open.remember_list(on_page)
    with grid:
        alert_grid.alert_grid(
            listed, key=GRID, in_view=in_view, own_login=desk.actor().login, now=clock.now()
        )
    with bar:
        queue_bulk.show_bar([one for one in ticked if one in on_page], GRID, workers)


@st.fragment(key=queue_part.KEY)
def show_work(
    chosen: QueueFilter, figures_then: figures.QueueFigures, workers: Mapping[str, str]
) -> None:
    """Show the list and the open alert: what a click in the list, or Next, draws anew."""
    if queue_part.is_page_old(chosen, figures_then):
        st.rerun()
    queue_open.show_ran_out()
    answer = alert_grid.read_answer(GRID)
    if answer.opened is not None:
        queue_open.open_alert(answer.opened)
    try:
        alert_id = queue_open.in_view()
    except NotFoundError as error:
        alert_id = None
        queue_open.open_alert(None)
        messages.engine_error(error)
    n_alerts = queue_counts.ask(queue.count, chosen)
    split = st.container(horizontal=True, gap="medium", key="queue_split")
    with split.container(key="queue_list"):
        if n_alerts:
            show_list(chosen, n_alerts, alert_id, answer.ticked, workers)
        else:
            queue_empty.show_empty(chosen, figures_then)
    if alert_id is None:
        case_view.put_away()
    else:
        with split.container(border=True, key="queue_case"):
            case_view.show_case(alert_id, workers)


run_id = state.run_in_view()
if run_id is None:
    st.title("Alerts")
    messages.no_runs()
    st.stop()
queue_intake.take_in_runs()
workers = desk.read(assignment.workers)

with st.container(horizontal=True, vertical_alignment="center", key="queue_top"):
    st.title("Alerts", width="content")
    head = st.container(width="stretch")
    buttons = st.container(
        horizontal=True, width="content", horizontal_alignment="right", gap="small"
    )
data_set = cache.manifest(run_id)["input"]["name"]
chosen = queue_filters.queue_filters(data_set, typologies_of, workers)
found = queue_counts.ask(figures.figures, chosen, queue_counts.midnight())
with head:
    queue_figures.show_figures(found, chosen)
with buttons:
    queue_keys.show_keys()
    queue_suppressed.show_popover()
    queue_views.show_views(chosen)
    queue_open.next_button(chosen)
queue_part.draw_with_page()
show_work(chosen, found, workers)
