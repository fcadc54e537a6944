"""What a ring is and why it scored, in an analyst's words."""

from __future__ import annotations

from app.ui import format as fmt
from engine.query.ring_detail import PassedOn, RingDetail

#: What each typology means, in a sentence for those who do not know the word.
MEANINGS: dict[str, str] = {
    "fan_in": "Many accounts pay one account within a short time: money is collected.",
    "fan_out": "One account pays many accounts within a short time: money is spread.",
    "gather_scatter": "One account collects from several and then pays several others.",
    "scatter_gather": "One source pays several mules, and each pays on to the same collector.",
    "cycle": "Money goes round: it comes back to the account where it began.",
    "chain": "Money is passed on from account to account, nearly whole.",
    "bipartite": "Several senders all pay the same several receivers.",
    "stack": "Two layers or more: the receivers of one layer are the senders of the next.",
    "structuring": "A sum is cut into amounts that stay just below the reporting threshold.",
    "inferred_chain": (
        "The same amount, to the cent, moves on under other names at about the same time. No "
        "account ties the steps together: the chain is inferred."
    ),
    "community": "Accounts tied together by suspicious transactions, in no known shape.",
}

_ALERT_FROM = 0.5


def meaning(typology: str) -> str:
    """Return what a typology means, or nothing for one this app does not know."""
    return MEANINGS.get(typology, "")


def verdict(ring: RingDetail) -> str:
    """Say in a sentence or two where the score comes from."""
    side = "At or above" if ring.score >= _ALERT_FROM else "Below"
    text = f"{side} 0.5, where alerts begin. "
    if ring.learned:
        text += (
            "The score was learned from the labelled rings of the past: how suspicious its "
            "transactions are, how they hang together, and its shape. 0.5 is the score that "
            "served best there."
        )
    elif ring.surprise > 0:
        text += (
            "At the accounts' own rates, chance alone makes a pattern like this "
            f"{how_often(ring.surprise)}."
        )
    else:
        text += "It rests on the risk of its transactions; no shape adds to it."
    fitting = [check.title for check in ring.checks if check.innocent]
    if fitting:
        text += f" An innocent explanation fits and lowered it: {', '.join(fitting).lower()}."
    return text


def how_often(surprise: float) -> str:
    """Say how often chance makes a match of a surprise: ``-log10`` per 10,000 accounts."""
    if surprise >= 9:
        return "once in more than a billion data sets of 10,000 accounts"
    if surprise > 0:
        return f"once in {10**surprise:,.0f} data sets of 10,000 accounts"
    return f"{10**-surprise:,.0f} times in every data set of 10,000 accounts"


def shape_facts(ring: RingDetail) -> list[tuple[str, str]]:
    """Return what was measured: what was expected, how risky, what was passed on."""
    facts = []
    if ring.expected > 0:
        facts.append(("Expected counterparties", f"{ring.expected:.1f}"))
    facts.append(("Mean risk of its transactions", fmt.score(ring.mean_risk, decimals=2)))
    if ring.passed_on:
        kept = sorted(one.retention for one in ring.passed_on)[len(ring.passed_on) // 2]
        facts.append(("Passed on (median)", fmt.share(kept, decimals=0)))
    return facts


def passed_on(one: PassedOn) -> str:
    """Say after what time an account passed money on."""
    return "at once" if one.hours == 0 else fmt.duration(3600 * one.hours)


#: What became of a ring since an earlier run: a word for the badge, and a sentence.
STATES: dict[str, tuple[str, str]] = {
    "born": ("New", "No ring of the earlier run has most of its accounts."),
    "same": ("Unchanged", "The earlier run had it with as many accounts."),
    "grew": ("Grew", "The earlier run had it with fewer accounts."),
    "shrank": ("Shrank", "The earlier run had it with more accounts."),
    "merged": ("Merged", "Several rings of the earlier run have become this one."),
    "split": ("Split", "It is one of several parts of a ring of the earlier run."),
    "dormant": ("Dormant", "A ring of the earlier run that was not found again."),
}
