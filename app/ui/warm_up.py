"""What the server does once when it starts, so that each click costs less."""

from __future__ import annotations

import gc
import importlib
import pkgutil

import app.ui

#: What must be imported by a page: streamlit-aggrid tells Streamlit of its frame only there.
BY_A_PAGE = frozenset({"alert_grid", "queue_bulk"})


def load_all() -> None:
    """Import what the pages import, and tell the garbage collector that it stays.

    A collection looks through every object there is: with all modules loaded that takes longer than
    most pages need. What is frozen is not looked through again.
    """
    for module in pkgutil.iter_modules(app.ui.__path__):
        if module.name not in BY_A_PAGE:
            importlib.import_module(f"app.ui.{module.name}")
    gc.collect()
    gc.freeze()
