"""Back from the pseudonyms that a page shows to the accounts that it asks for."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from engine.workbench.masking import Masker


def original(value: Any, by: Masker | None) -> Any:
    """Return what is asked for with the accounts in place of pseudonyms that were shown."""
    if by is None:
        return value
    if isinstance(value, str):
        return by.original(value)
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(original(one, by) for one in value)
    if isinstance(value, dict):
        return {name: original(one, by) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        kept = {
            field.name: original(getattr(value, field.name), by)
            for field in fields(value)
            if field.init
        }
        return replace(value, **kept)
    return value
