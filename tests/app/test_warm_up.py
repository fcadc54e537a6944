"""What the server loads when it starts."""

from __future__ import annotations

import subprocess
import sys

_LOADED = """
import gc, sys
from app.ui import warm_up
warm_up.load_all()
print("st_aggrid" in sys.modules, "plotly" in sys.modules, gc.get_freeze_count() > 100_000)
"""


def test_modules_are_loaded_and_frozen_but_for_the_grid_that_a_page_has_to_import() -> None:
    command = [sys.executable, "-c", _LOADED]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "True", "True"]
