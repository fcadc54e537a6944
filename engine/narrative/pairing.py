"""Whether values are said of the accounts that they belong to: not one account's of another."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.narrative.ledger import Fact
from engine.narrative.matching import states
from engine.narrative.tokens import Token

_CLAUSE = re.compile(r"[;:]\s|,\s(?!\d)|\s(?:and|while|but|then|whereas)\s")


def mispaired(text: str, stated: Sequence[Token], cited: Sequence[Fact], zone: str) -> list[str]:
    """Return what is said of an account in a clause that names only others."""
    bounds = [0, *(one.end() for one in _CLAUSE.finditer(text)), len(text)]
    accounts = [token for token in stated if token.kind == "account"]
    found = []
    for token in stated:
        facts = [fact for fact in cited if states(token, fact, zone)]
        if not facts or any(len(fact.subjects) != 1 for fact in facts):
            continue
        start = max(one for one in bounds if one <= token.start)
        end = min((one for one in bounds if one > token.start), default=len(text))
        near = {one.name for one in accounts if start <= one.start < end}
        if not near:
            near = {one.name for one in accounts if one.start < token.start} if accounts else set()
        if near and not any(fact.subjects[0] in near for fact in facts):
            found.append(f"“{token.text}” is not of {', '.join(sorted(near))}")
    return found
