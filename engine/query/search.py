"""Finding what somebody has in mind in a run: an account, a transaction, a ring, an alert."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from engine.lake import RunPaths
from engine.query.database import fetch, require
from engine.query.ledger import account_facts
from engine.query.ledger_file import Ledger, open_ledger
from engine.query.name_scan import scan

#: Most accounts that are listed; a part of an id may be in millions.
MAX_ACCOUNTS = 8
#: A part of an id is looked for from so many characters on.
MIN_PART = 3

_TRANSACTION = re.compile(r"(tx[ #:-]*|#)?(\d{1,18})", re.IGNORECASE)

_RING_COLUMNS = ("ring_id", "typology", "score", "n_accounts", "amount")
_RINGS = f"""
SELECT {", ".join(_RING_COLUMNS)}
FROM read_parquet($rings) WHERE ring_id = upper($text)
"""
_ALERTS = """
SELECT alert_id, ring_id, tx_id, title, typology, score, amount
FROM read_parquet($alerts) WHERE alert_id = upper($text)
"""
_TRANSACTIONS = """
SELECT COLUMNS('^(tx_id|time|sender|receiver|amount|final_risk)$')
FROM read_parquet($augmented) WHERE tx_id = $tx_id
"""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for.

    Attributes
    ----------
    search
        As typed: an account or a part of one, the id of a ring or of an alert of the run, the
        number of a transaction (``12345``, or ``tx 12345`` for nothing else).
    whole
        Whether it is a whole account or id, and is looked for as no more.
    names_account
        Whether a whole text is an account and nothing else; or anything else, and no account.
    """

    search: str
    whole: bool = False
    names_account: bool = True


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found, each with what tells it apart.

    Attributes
    ----------
    accounts
        ``account, role, risk, transactions, amount`` (in and out, currency units): the very one
        first, then those whose ids begin with the text, then those that have it elsewhere.
    transactions
        ``tx_id, time, sender, receiver, amount, final_risk``; without accounts where the run has
        none.
    rings
        ``ring_id, typology, score, n_accounts, amount``.
    alerts
        ``alert_id, ring_id, tx_id, title, typology, score, amount``.
    more_accounts
        Whether more accounts than those have the text in their ids.
    """

    accounts: pd.DataFrame
    transactions: pd.DataFrame
    rings: pd.DataFrame
    alerts: pd.DataFrame
    more_accounts: bool = False


def find(paths: RunPaths, asked: Search) -> Hits:
    """Find what a text may mean in a run.

    Raises
    ------
    RunError
        If the run's files are missing.
    """
    text = asked.search if asked.whole else asked.search.strip()
    # An account may be called like a ring, or 12 like a transaction.
    as_id = "" if asked.whole and asked.names_account else text
    rings = _rings(paths, as_id)
    alerts = fetch(_ALERTS, {"alerts": require(paths.alerts), "text": as_id})
    number = _TRANSACTION.fullmatch(as_id)
    names: list[str] = []
    more = False
    may_be_account = not asked.whole or asked.names_account
    if text and may_be_account and paths.accounts.exists() and not (number and number[1]):
        is_id = bool(asked.whole or len(rings) or len(alerts))
        names, more = _accounts(open_ledger(paths), text, whole=is_id)
    given = {"augmented": require(paths.augmented), "tx_id": int(number[2]) if number else -1}
    return Hits(
        accounts=_described(paths, names),
        transactions=fetch(_TRANSACTIONS, given),
        rings=rings,
        alerts=alerts,
        more_accounts=more,
    )


def _accounts(ledger: Ledger, text: str, *, whole: bool) -> tuple[list[str], bool]:
    """Return accounts that a text may mean, the likeliest first, and whether there are more."""
    spellings = [text] if whole else list(dict.fromkeys((text, text.upper())))
    found = dict.fromkeys(name for name in spellings if len(ledger.codes_of([name])))
    if whole or len(text) < MIN_PART:
        return list(found), False
    # A letter that no account has needs no looking through them.
    spellings = [one for one in spellings if ledger.letters.issuperset(one.encode())]
    named = [scan(ledger.names, one, MAX_ACCOUNTS + 1) for one in spellings]
    begin = next((one.begin for one in named if one.begin), [])
    # Who typed a whole id may want one that goes on, hardly one that has it in its middle.
    inside = [] if found else next((one.inside for one in named if one.inside), [])
    listed = list(found | dict.fromkeys([*begin, *inside]))
    return listed[:MAX_ACCOUNTS], len(listed) > MAX_ACCOUNTS


def _described(paths: RunPaths, names: list[str]) -> pd.DataFrame:
    columns = ["account", "role", "risk", "transactions", "amount"]
    if not names:
        return pd.DataFrame({name: [] for name in columns})
    facts = account_facts(paths, names).set_index("account").loc[names].reset_index()
    facts["transactions"] = facts["in_count"] + facts["out_count"]
    facts["amount"] = facts["in_amount"] + facts["out_amount"]
    return facts[columns]


def _rings(paths: RunPaths, text: str) -> pd.DataFrame:
    if not paths.rings.exists():
        return pd.DataFrame({name: [] for name in _RING_COLUMNS})
    return fetch(_RINGS, {"rings": require(paths.rings), "text": text})
