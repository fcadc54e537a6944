"""The evidence pack of an alert: one zip that proves itself, with nothing but Python."""

from __future__ import annotations

from engine.pack.contents import Contents as Contents
from engine.pack.contents import Graph as Graph
from engine.pack.contents import files_of
from engine.pack.zip_file import Pack as Pack
from engine.pack.zip_file import packed as packed


def evidence_pack(contents: Contents) -> Pack:
    """Return the pack of an alert: the same contents are the same bytes."""
    return packed(
        files_of(contents),
        {
            "name": contents.name,
            "run_id": contents.ledger.run_id,
            "alert_id": contents.ledger.alert_id,
            "ledger_sha256": contents.narrative.ledger_sha256,
            "account_ids": "as in the data" if contents.has_account_ids else "pseudonyms",
        },
    )
