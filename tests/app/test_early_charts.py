"""The program for charts is where Streamlit's own pages load it from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app.ui.early_charts import chart_file


def test_the_program_for_charts_is_there() -> None:
    assert (Path(st.__file__).parent / "static" / chart_file()).is_file()
