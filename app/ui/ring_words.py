"""Why a ring scored as it did, and what became of it since an earlier run, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.ui import format as fmt
from app.ui.typologies import ROLES
from engine.query.ring_detail import PassedOn, RingDetail

_ALERT_FROM = 0.5
#: From this surprise on a figure would only pretend to be exact: the tail is extrapolated.
_BEYOND_COUNTING = 9.0
#: Typologies whose chance matches are counted on the same payments with shuffled times.
_SHUFFLED = frozenset(
    {"fan_in", "fan_out", "gather_scatter", "scatter_gather", "cycle", "chain", "bipartite",
     "stack"}
)  # fmt: skip

_LEARNED = (
    "It was recognised from the labelled rings of the past: how suspicious its transactions are, "
    "how they hang together, and its shape. 0.5 is the score that told rings from the rest best "
    "there."
)
_BY_RISK = "It has no known shape: its score rests on the risk of its transactions alone."


def verdict(ring: RingDetail, run_accounts: int | None) -> str:
    """Say in a few sentences where the score comes from.

    Parameters
    ----------
    ring
        The ring.
    run_accounts
        Accounts of the whole run, if known: what chance makes is told for as many.
    """
    side = "at or above" if ring.score >= _ALERT_FROM else "below"
    sentences = [f"Its risk of {fmt.score(ring.score)} is {side} 0.5, where alerts begin."]
    if ring.learned:
        sentences.append(_LEARNED)
    if ring.surprise != 0:
        sentences.append(_chance(ring, run_accounts))
    elif not ring.learned:
        sentences.append(_BY_RISK)
    sentences.append(_lowered(ring))
    return " ".join(filter(None, sentences))


def _chance(ring: RingDetail, run_accounts: int | None) -> str:
    """Say how many matches as surprising as this chance makes.

    The surprise is ``-log10`` of that number per 10,000 accounts (``engine.rings.calibrate``).
    """
    how = (
        "Counted on the same payments with their times shuffled, chance"
        if ring.typology in _SHUFFLED
        else "Chance"
    )
    shape = fmt.typology(ring.typology).lower()
    text = f"{how} makes a {shape} as striking as this {how_often(ring.surprise)}"
    if run_accounts:
        text += f"; in the {fmt.count(run_accounts)} accounts of this run, "
        text += _in_run(ring.surprise, run_accounts)
    return text + "."


def _in_run(surprise: float, run_accounts: int) -> str:
    expected = 10**-surprise * run_accounts / 10_000
    if expected < 0.001:
        return "fewer than 0.001 times"
    return f"about {expected:,.0f} times" if expected >= 10 else f"about {expected:.2g} times"


def how_often(surprise: float) -> str:
    """Say how often chance makes a match of a surprise, per data set of 10,000 accounts."""
    if surprise >= _BEYOND_COUNTING:
        return "less than once in a billion data sets of 10,000 accounts"
    if surprise > 0:
        return f"once in {_rounded(10**surprise)} data sets of 10,000 accounts"
    return f"{_rounded(10**-surprise)} times in every data set of 10,000 accounts"


def _rounded(number: float) -> str:
    return f"{number:,.1f}" if number < 10 else fmt.count(number)


def innocence(ring: RingDetail) -> str:
    """Say how many innocent explanations fit, and what they did to the score."""
    fitting = sum(check.innocent for check in ring.checks)
    count = f"**{fitting} of {len(ring.checks)} innocent explanations fit.**"
    if not fitting:
        return f"{count} Nothing speaks for an ordinary business, household, or circle of friends."
    before = "" if ring.unexplained_score is None else f"from {fmt.score(ring.unexplained_score)} "
    return (
        f"{count} That lowered the score {before}to {fmt.score(ring.score)}; whether it is the "
        "truth is for you to judge."
    )


def _lowered(ring: RingDetail) -> str:
    titles = [check.title for check in ring.checks if check.innocent]
    if not titles:
        return ""
    named = f"an innocent explanation fits ({', '.join(titles).lower()})"
    if ring.unexplained_score is None:
        return f"The score was lowered, for {named}."
    return f"It would be {fmt.score(ring.unexplained_score)}, but {named}."


def roles_in_words(roles: Sequence[str]) -> str:
    """Count roles, e.g. ``12: 5 sources, 1 hub, 6 collectors``, in the order of the money."""
    counts = Counter(roles)
    order = [role for role in ROLES if role in counts] + sorted(set(counts) - set(ROLES))
    named = (f"{counts[role]} {role}{'' if counts[role] == 1 else 's'}" for role in order)
    return f"{len(roles)}: {', '.join(named)}"


def together(ring: RingDetail, other: RingDetail) -> str:
    """Say how the periods of two rings lie to each other."""
    start, end = max(ring.start, other.start), min(ring.end, other.end)
    if start <= end:
        if fmt.date(start) == fmt.date(end):
            return f"Both were active on {fmt.date(start)} ({fmt.zone()})."
        return f"Both were active from {fmt.date(start)} to {fmt.date(end)} ({fmt.zone()})."
    first, then = (ring, other) if ring.end < other.start else (other, ring)
    gap = fmt.duration((then.start - first.end).total_seconds())
    return f"{first.ring_id} ended {gap} before {then.ring_id} began."


def shape_facts(ring: RingDetail) -> list[tuple[str, str]]:
    """Return what was measured: how risky its transactions are, and what was passed on."""
    facts = [("Mean risk of its transactions", fmt.score(ring.mean_risk, decimals=2))]
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
