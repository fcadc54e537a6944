"""Tables for a spreadsheet: CSV in which no text of the data runs as a formula."""

from __future__ import annotations

import pandas as pd

#: How a text begins that spreadsheets run, the full-width signs of some of them too.
_FORMULA = r"[\s\x{200B}\x{FEFF}]*[=+\-@＝＋－＠]|[\t\r\n]"


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Write a frame as CSV in UTF-8; texts that a spreadsheet would run as formulas are quoted."""
    quoted = frame.copy()
    for name in quoted.select_dtypes(include=["object", "str", "category"]).columns:
        values = quoted[name].astype("object")
        texts = values.astype("str")
        quoted[name] = values.mask(texts.str.match(_FORMULA).fillna(False), "'" + texts)
    return quoted.to_csv(index=False, lineterminator="\n").encode()
