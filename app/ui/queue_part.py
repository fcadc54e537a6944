"""What a click on the Alerts page draws anew: the whole page, or the list and the open alert.

The rest of the page changes seldom, and costs the server and the browser half of each drawing.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from app.ui import desk, queue_counts
from engine.errors import EngineError
from engine.workbench import queue_figures
from engine.workbench.queue_figures import QueueFigures
from engine.workbench.queue_filter import QueueFilter

#: Key of the fragment that holds the list and the open alert.
KEY = "queue_work"
_WITH_PAGE = "queue_with_page"


def draw_with_page() -> None:
    """Note that the list and the open alert are drawn next as a part of the whole page."""
    st.session_state[_WITH_PAGE] = True


def is_page_old(chosen: QueueFilter, figures: QueueFigures) -> bool:
    """Tell, where they are drawn alone, whether the page round them would read differently now.

    Parameters
    ----------
    chosen, figures
        The filter, and the figures of the queue, that the page was drawn with.
    """
    if st.session_state.pop(_WITH_PAGE, False):
        return False
    before = desk.seat()
    try:
        now = queue_counts.ask(queue_figures.figures, chosen, queue_counts.midnight())
        return desk.settle() != before or now != figures
    except EngineError:
        return True  # the page says what is wrong: nobody is signed in, the database is gone


def draw_alone() -> NoReturn:
    """End a callback: draw the list and the open alert, not the page round them."""
    st.rerun(KEY)
