"""Intake: a transactions file of any known schema becomes canonical, clean, time-ordered rows.

``detect`` tells the schema by the header, ``preview`` shows the first rows, and
``read_transactions`` reads the file: every row either becomes a transaction or goes aside with
the reason, its position, and its raw text.

Mapping format
--------------
A mapping is a TOML file; the built-in ones in ``schemas/`` are written in the same format as a
user's own, and ``schemas/canonical.toml`` explains every key::

    name = "my-bank"
    description = "Card transfers of My Bank"
    delimiter = ";"                       # optional: else found in the header
    features = ["score", "V*"]            # optional: further numeric columns, kept as x_<header>

    [columns]                             # canonical = "header", or a list of alternatives
    time = "Booking date"
    sender = ["From account", "Payer"]
    receiver = "To account"
    amount = "Sum"

    [time]                                # text: "iso" or a strptime format
    format = "%d.%m.%Y %H:%M"             # numbers: unit = "hour", first = 1, origin = "2026-..."

    [label]                               # only with a label column
    positive = ["1", "true", "yes"]
    negative = ["0", "false", "no", ""]   # a value in neither list rejects its row

Headers are matched to the letter first, then without regard to case, spaces, ``_`` and ``-``.
An empty type or currency is kept as the empty text; an empty memo, and an empty or NaN balance or
feature, is null.
"""

from engine.intake.detection import detect
from engine.intake.mapping import Mapping, TimeRule
from engine.intake.mapping_file import (
    builtin_mappings,
    load_mapping,
    mapping_to_toml,
    parse_mapping,
)
from engine.intake.preview import Preview, preview
from engine.intake.reader import Intake, read_transactions

__all__ = [
    "Intake",
    "Mapping",
    "Preview",
    "TimeRule",
    "builtin_mappings",
    "detect",
    "load_mapping",
    "mapping_to_toml",
    "parse_mapping",
    "preview",
    "read_transactions",
]
