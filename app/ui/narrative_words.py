"""What the page says of a narrative: headings, values of facts, who wrote it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine import formats
from engine.amounts import MINOR_UNITS
from engine.formats import Style
from engine.narrative.draft import Role
from engine.narrative.ledger import Fact
from engine.narrative.verdict import Narrative, Rejected, Usage

HEADINGS: dict[Role, str] = {
    "introduction": "Introduction",
    "who": "Who",
    "what": "What",
    "when": "When",
    "where": "Where",
    "why": "Why",
    "how": "How",
    "counter": "What speaks for innocence",
    "unknown": "What is not known",
    "conclusion": "Conclusion",
}

#: Accounts of a path that are written out.
_MOST_NAMED = 12


def value_of(fact: Fact, style: Style) -> str:
    """Write the value of a fact, e.g. ``₹9,80,000``, ``12 h 5 min``; as plain text."""
    value = fact.value
    if isinstance(value, tuple):
        more = len(value) - _MOST_NAMED
        named = " → ".join(value[:_MOST_NAMED])
        return f"{named} and {more} more" if more > 0 else named
    if isinstance(value, int):
        return _number(value, fact, style)
    if fact.kind == "share":
        return formats.share(float(value))
    return formats.moment(value, style) if fact.kind == "moment" else value


def _number(value: int, fact: Fact, style: Style) -> str:
    if fact.kind == "amount":
        return formats.amount(value / MINOR_UNITS, fact.unit or None, style)
    return formats.duration(value) if fact.kind == "duration" else formats.count(value, style)


def badge_of(narrative: Narrative) -> tuple[str, str, str]:
    """Return the words, icon and colour of the badge that says who wrote a narrative."""
    n_lines = sum(len(part.lines) for part in narrative.parts)
    if narrative.source == "template":
        return f"Template, {n_lines}/{n_lines} verified", ":material/article:", "gray"
    model = narrative.usage.model if narrative.usage else "Model"
    words = f"{model}, {n_lines}/{n_lines} verified"
    return words, ":material/neurology:", "violet"


def checked(narrative: Narrative) -> str:
    """Say how much was held against the facts, and whose sentences stand in a model's text."""
    share = formats.share(narrative.coverage, decimals=0)
    told = (
        f"{narrative.n_checked:,} numbers, moments and accounts stand in the facts cited; "
        f"{share} of the key facts are told."
    )
    lines = [line for part in narrative.parts for line in part.lines]
    n_own = sum(line.origin == "template" for line in lines)
    if narrative.source == "template" or not n_own:
        return told
    n = len(lines) - n_own
    return (
        f"{n} sentence{'s' * (n != 1)} by the model, {n_own} by the program (dotted) where the "
        f"model's were not borne out, or lacking. {told}"
    )


def once_each(rejected: Sequence[Rejected]) -> list[tuple[Rejected, int]]:
    """Return each rejected text once, as it was rejected first, with how often it was."""
    times = Counter(one.text for one in rejected)
    first = {one.text: one for one in reversed(rejected)}
    return [(first[text], n) for text, n in times.items()]


def spent(usage: Usage) -> str:
    """Say what a model took, e.g. ``2,310 tokens in, 820 out · $0.0064 · 4.2 s``."""
    cost = "price unknown" if usage.cost_usd is None else f"${usage.cost_usd:.4f}"
    tokens = f"{usage.input_tokens:,} tokens in, {usage.output_tokens:,} out"
    calls = "" if usage.calls == 1 else f" · {usage.calls} calls"
    return f"{tokens} · {cost} · {formats.duration(usage.seconds)}{calls}"
