"""The editor of a custom mapping: which column of the file holds what; saved as TOML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import cast, get_args

import streamlit as st

from app.ui import cache
from app.ui.messages import engine_error
from engine import columns
from engine.errors import InputError
from engine.intake import Mapping, TimeRule, mapping_to_toml
from engine.intake.mapping import REQUIRED, TimeUnit, plain
from engine.lake import replacing

_ABSENT = "(not in the file)"
_OPTIONAL = (
    columns.TYPE, columns.CURRENCY, columns.LABEL, columns.RING_LABEL, *columns.BALANCES,
    columns.MEMO,
)  # fmt: skip
_TEXT = "text"

#: Headers that files commonly use, for a first suggestion; compared without case and spaces.
_USUAL = {
    columns.TIME: ("time", "timestamp", "date", "datetime", "step", "bookingdate"),
    columns.SENDER: ("sender", "from", "fromaccount", "payer", "source", "nameorig", "account"),
    columns.RECEIVER: ("receiver", "to", "toaccount", "payee", "target", "namedest", "account.1"),
    columns.AMOUNT: ("amount", "sum", "value", "amountpaid"),
    columns.TYPE: ("type", "kind", "channel", "paymentformat"),
    columns.CURRENCY: ("currency", "paymentcurrency"),
    columns.MEMO: ("memo", "description", "reference", "narration", "remittanceinformation"),
    columns.LABEL: ("label", "fraud", "isfraud", "class", "islaundering"),
    columns.RING_LABEL: ("ringlabel", "ringid", "alertid"),
}


def mappings_folder() -> Path:
    """Return the folder of the lake's own mappings."""
    return cache.lake().root / "mappings"


def saved_mappings() -> list[Path]:
    """List the lake's own mappings by name."""
    return sorted(mappings_folder().glob("*.toml"))


def mapping_editor(header: Sequence[str], suggested_name: str) -> Path | None:
    """Draw the editor for a file with these columns; return the mapping's file once saved."""
    with st.form("mapping_form", border=True):
        st.markdown("##### Tell what the columns hold")
        chosen = _column_choices(REQUIRED, header)
        rule = _time_rule()
        with st.expander("Further columns"):
            chosen |= _column_choices(_OPTIONAL, header)
            features = st.multiselect(
                "Further numeric columns",
                header,
                key="mapping_features",
                help="Used for scoring. Needed if the file names no accounts.",
            )
        name = st.text_input("Name of the mapping", suggested_name, key="mapping_name")
        saved = st.form_submit_button("Save mapping", type="primary")
    if not saved:
        return None
    try:
        mapping = Mapping(
            name=name.strip(),
            columns={canonical: (source,) for canonical, source in chosen.items()},
            time=rule,
            features=tuple(features),
        )
        return _save(mapping)
    except InputError as error:
        engine_error(error)
        return None


def suggest(canonical: str, header: Sequence[str]) -> str | None:
    """Return the column of the file that most likely holds a canonical column, if any."""
    wanted = (plain(canonical), *_USUAL.get(canonical, ()))
    by_plain = {plain(name): name for name in reversed(header)}
    return next((by_plain[name] for name in wanted if name in by_plain), None)


def _column_choices(names: Sequence[str], header: Sequence[str]) -> dict[str, str]:
    options = [_ABSENT, *header]
    chosen = {}
    for position, (slot, canonical) in enumerate(zip(_slots(len(names)), names, strict=True)):
        likely = suggest(canonical, header)
        choice = slot.selectbox(
            canonical.replace("_", " ").capitalize(),
            options,
            index=options.index(likely) if likely else 0,
            key=f"mapping_{position}_{canonical}",
        )
        if choice != _ABSENT:
            chosen[canonical] = choice
    return chosen


def _slots(n: int) -> list[st.delta_generator.DeltaGenerator]:
    slots: list[st.delta_generator.DeltaGenerator] = []
    while len(slots) < n:
        slots += st.columns(4)
    return slots[:n]


def _time_rule() -> TimeRule:
    kind, detail, origin = st.columns(3)
    units = list(get_args(TimeUnit))
    unit = kind.selectbox(
        "Time is written as",
        [_TEXT, *units],
        format_func=lambda value: "date and time" if value == _TEXT else f"number of {value}s",
        key="mapping_unit",
    )
    form = detail.text_input(
        "Date format",
        "iso",
        key="mapping_format",
        help="For dates: `iso`, or a strptime format such as `%d.%m.%Y %H:%M`.",
    )
    start = origin.text_input(
        "Moment of number 0",
        "2026-01-01T00:00:00",
        key="mapping_origin",
        help="For numbers: the moment they count from.",
    )
    if unit == _TEXT:
        return TimeRule(format=form.strip())
    return TimeRule(unit=cast(TimeUnit, unit), origin=start.strip(), format=None)


def _save(mapping: Mapping) -> Path:
    stem = re.sub(r"[^A-Za-z0-9_-]+", "-", mapping.name).strip("-")
    if not stem:
        raise InputError("the mapping needs a name of letters or digits")
    path = mappings_folder() / f"{stem}.toml"
    with replacing(path) as part:
        part.write_text(mapping_to_toml(mapping), encoding="utf-8")
    return path
