"""Why an account is alerted or not, and where it stands among its peers, in words."""

from __future__ import annotations

from app.ui import format as fmt
from app.ui.evidence import escape
from app.ui.typologies import run_role
from engine.query.account_peers import Peers
from engine.query.account_verdict import Condition, Verdict

#: Measures of the peers as they are called, in the order of :data:`account_peers.MEASURES`.
MEASURES = {
    "risk": "Risk",
    "in_amount": "Received",
    "out_amount": "Paid",
    "in_count": "Transactions in",
    "out_count": "Transactions out",
    "pagerank": "PageRank",
    "days": "Days between first and last",
}


def headline(verdict: Verdict) -> str:
    """Say in one sentence whether an account is alerted, or what comes nearest to it."""
    if verdict.is_alerted:
        return "**Alerted.** An alert of this run rests on this account."
    ring, lone = verdict.alerting
    is_lone_nearer = ring.rule == "no_ring" and lone.rule != "no_lone"
    return f"**Not alerted.** {describe(lone if is_lone_nearer else ring)}"


def describe(condition: Condition) -> str:
    """Say what an alert takes and what the account has of it."""
    return _WORDS[condition.rule](condition)


def of_peers(peers: Peers) -> str:
    """Say who the peers are."""
    number = (
        "one transaction"
        if peers.most == 1
        else f"{fmt.count(peers.fewest)} to {fmt.count(peers.most)} transactions"
    )
    role = escape(run_role(peers.role).lower())
    if not peers.count:
        return f"No other {role} of this run has {number}."
    accounts = "account" if peers.count == 1 else "accounts"
    who = f"{fmt.count(peers.count)} other {accounts} with the role {role}"
    who += f" and {number}"
    if peers.compared < peers.count:
        who += f"; compared with {fmt.count(peers.compared)} of them, spread over the run"
    return f"Compared with {who}."


def measure(name: str, value: float | None, currency: str | None) -> str:
    """Write a value of a measure of the peers."""
    if name in ("in_amount", "out_amount"):
        return fmt.amount(value, currency)
    if name == "risk":
        return fmt.score(value)
    if name == "pagerank":
        return fmt.MISSING if value is None else f"{value:.1e}"
    return fmt.MISSING if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _ring_score(condition: Condition) -> str:
    score, needed = fmt.score(condition.value), fmt.score(condition.needed, decimals=2)
    ring = f"Its riskiest ring, {condition.ring_id}, scores {score}"
    if condition.is_met:
        return f"{ring}; rings from {needed} on raise an alert."
    why = ", ".join(title[:1].lower() + title[1:] for title in condition.explained_by)
    lowered = f" It was lowered because an innocent explanation fits: {escape(why)}." if why else ""
    return f"{ring}; it takes {needed} to raise an alert.{lowered}"


def _no_ring(condition: Condition) -> str:
    return (
        "It is in no ring. A ring raises an alert from a score of "
        f"{fmt.score(condition.needed, decimals=2)} on."
    )


def _probability(condition: Condition) -> str:
    value, needed = _small(condition.value), _small(condition.needed)
    than = "at or over" if condition.is_met else "below"
    return (
        f"The model gives its riskiest transaction (tx {condition.tx_id}) a probability of "
        f"{value}, {than} the threshold of {needed} that the run chose."
    )


def _unusual(condition: Condition) -> str:
    value = fmt.score(condition.value)
    if condition.needed is None:
        return f"No single transaction raised an alert in this run; its riskiest has {value}."
    than = "within" if condition.is_met else "below"
    return (
        f"Its riskiest transaction (tx {condition.tx_id}) has a risk of {value}, {than} the budget "
        f"of single alerts: the last one has {fmt.score(condition.needed)}."
    )


def _no_lone(condition: Condition) -> str:
    return (
        "Single transactions raise no alerts in this run: without labels, and with accounts that "
        "come back, only rings do. Its riskiest transaction "
        f"(tx {condition.tx_id}) has a risk of {fmt.score(condition.value)}."
    )


def _new_senders(condition: Condition) -> str:
    return _burst(condition, "paid it")


def _new_receivers(condition: Condition) -> str:
    return _burst(condition, "were paid by it")


def _burst(condition: Condition, did: str) -> str:
    within = fmt.duration(3600 * (condition.hours or 0))
    return (
        f"At most {fmt.count(condition.value)} new, occasional counterparties {did} within "
        f"{within}; a fan takes {fmt.count(condition.needed)}."
    )


def _passes_on(condition: Condition) -> str:
    if condition.is_met:
        return "It both receives and pays: chains, cycles and layers may run through it."
    return "It only receives or only pays: no chain, cycle or layer runs through it."


def _occasional(condition: Condition) -> str:
    return (
        f"{fmt.count(condition.value)} of its counterparties are occasional; those it deals with "
        f"again and again are no part of a ring, which takes {fmt.count(condition.needed)} others."
    )


def _small(share: float | None) -> str:
    """Write a probability; a very small one is not nothing."""
    if share is not None and 0 < share < 0.0001:
        return "under 0.01 %"
    return fmt.share(share, decimals=2)


_WORDS = {
    "ring_score": _ring_score,
    "no_ring": _no_ring,
    "probability": _probability,
    "unusual": _unusual,
    "no_lone": _no_lone,
    "new_senders": _new_senders,
    "new_receivers": _new_receivers,
    "passes_on": _passes_on,
    "occasional": _occasional,
}
