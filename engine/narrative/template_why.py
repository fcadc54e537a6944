"""The sentences about reasons, innocent explanations, what is not known, and what it comes to."""

from __future__ import annotations

from engine.narrative.draft import Sentence
from engine.narrative.gather_why import IN_A_WINDOW
from engine.narrative.ledger import Fact
from engine.narrative.template_words import Teller
from engine.narrative.words import CHECKS

_MOST_INPUTS = 10**9
#: Sentences of a reason by its code, with the limit and without it.
_REASONS: dict[str, tuple[str, str]] = {
    "fan_in_burst": (
        "the account in the middle was paid by {value:new counterparty|new counterparties}, where "
        "its own rate predicts {limit}.",
        "the account in the middle was paid by {value:new counterparty|new counterparties}.",
    ),
    "fan_out_burst": (
        "the account in the middle paid {value:new counterparty|new counterparties}, where its "
        "own rate predicts {limit}.",
        "the account in the middle paid {value:new counterparty|new counterparties}.",
    ),
    "mean_risk": (
        "by themselves, the transfers have a mean risk of {value}; from {limit} on that counts as "
        "a reason.",
        "by themselves, the transfers have a mean risk of {value}.",
    ),
    "model": (
        "the model gives it a probability of {value}; it alerts from {limit} on.",
        "the model gives it a probability of {value}.",
    ),
    "high_amount": (
        "the amount of {value} is high: few transactions exceed {limit}.", "the amount is {value}."
    ),
    "round_amount": (
        "the amount of {value} is round, a multiple of {limit}.", "the amount of {value} is round."
    ),
    "anomaly": (
        "it is unusual among all transactions, at {value} on a scale that calls {limit} and more "
        "unusual.",
        "it is unusual among all transactions, at {value}.",
    ),
}  # fmt: skip


def case(tell: Teller) -> list[Sentence]:
    """Tell earlier alerts on the same accounts, where the workbench was asked."""
    count = tell.one("earlier.alerts")
    if count is None:
        return []
    if not count.value:
        return tell.line("no earlier alert on these accounts is recorded.", cites=[count])
    lines = tell.line("these accounts had {n:earlier alert}.", n=count)
    pairs = zip(tell.all("earlier.disposition"), tell.all("earlier.decided"), strict=True)
    for disposition, number in pairs:
        verb = "stands" if number.value == 1 else "stand"
        lines += tell.line(f"of these, {{n}} {verb} as {{what}}.", n=number, what=disposition)
    return lines


def why(tell: Teller) -> list[Sentence]:
    """Tell the reasons, the strongest of chance before the others."""
    lines, chance = list[Sentence](), tell.one("chance.inputs")
    if chance is not None:
        least = "at most" if chance.value == _MOST_INPUTS else "about"
        lines += tell.line(
            f"by chance, such a pattern is expected in {least} a single data set among {{inputs}}, "
            "each of {accounts:account}.",
            inputs=chance, accounts=tell.one("chance.accounts"),
        )  # fmt: skip
    for key in tell.keys("reason."):
        if not key.endswith(".limit"):
            lines += _reason(tell, key)
    return lines + _features(tell)


def _reason(tell: Teller, key: str) -> list[Sentence]:
    fact, limit = tell.one(key), tell.one(f"{key}.limit")
    assert fact is not None
    if fact.kind == "text":
        return tell.line("a further sign: {sign}.", sign=fact)
    code = key.removeprefix("reason.")
    words = code.replace("_", " ").replace("{", "").replace("}", "")
    full, short = _REASONS.get(
        code,
        (f"the rule {words} measured {{value}}, with a limit of {{limit}}.",
         f"the rule {words} measured {{value}}."),
    )  # fmt: skip
    return (
        tell.line(short, value=fact) if limit is None else tell.line(full, value=fact, limit=limit)
    )


def _features(tell: Teller) -> list[Sentence]:
    lines = list[Sentence]()
    rests, windows = "the probability rests, among other things, on", tell.all("feature.window")
    for fact in tell.all("feature.value"):
        if fact.label.endswith(IN_A_WINDOW):
            what = fact.label.removesuffix(IN_A_WINDOW)
            text = f"{rests} {what} in the {{window}} before: {{value}}."
            lines += tell.line(text, window=windows.pop(0), value=fact)
        else:
            lines += tell.line(f"{rests} {fact.label}: {{value}}.", value=fact)
    for fact in tell.all("feature.text"):
        lines += tell.line(f"{rests} this: {{text}}.", text=fact)
    return lines


def counter(tell: Teller) -> list[Sentence]:
    """Tell the innocent explanations that were tested, with their figures."""
    tested, fitting = tell.one("check.tested"), tell.one("check.fitting")
    if tell.number("check.fitting"):
        lines = tell.line(
            "of {tested:innocent explanation} that were tested, {fitting} may apply.",
            tested=tested, fitting=fitting,
        )  # fmt: skip
    elif tested is not None:
        lines = tell.line(
            "of {tested:innocent explanation} that were tested, none applies.",
            tested=tested, cites=[fitting],
        )  # fmt: skip
    else:
        lines = []
    for code in CHECKS:
        title = tell.one(f"check.{code}")
        if title is not None:
            lines += _check(tell, title, CHECKS[code][1])
    return lines + tell.line(
        "without an innocent explanation the score would be {score}.",
        score=tell.one("score.unexplained"),
    )


def _check(tell: Teller, title: Fact, figure: str) -> list[Sentence]:
    value, limit = tell.one(f"{title.key}.value"), tell.one(f"{title.key}.limit")
    verb = "may" if title.label.endswith(" that fits") else "does not"
    told = f"{{title}} {verb} explain it: "
    if value is not None and value.kind == "share":
        text = f"{told}the share of {figure} is {{value}}, and {{limit}} is needed."
    else:
        text = f"{told}there are {{value}} {figure}, and {{limit}} are needed."
    return tell.line(text, title=title, value=value, limit=limit)


def unknown(tell: Teller) -> list[Sentence]:
    """Tell what the data do not say, and what could not be read."""
    lines = tell.line(
        "the data do not say {people}, {places}, or {purpose}.",
        people=tell.one("unknown.people"), places=tell.one("unknown.places"),
        purpose=tell.one("unknown.purpose"),
    )  # fmt: skip
    if tell.number("run.rejected"):
        lines += tell.line("{n:row} of the input could not be read.", n=tell.one("run.rejected"))
    return lines


def conclusion(tell: Teller) -> list[Sentence]:
    """Tell the score, what it rests on, and what the pattern does and does not show."""
    score, threshold, basis = (
        tell.one(key) for key in ("alert.score", "alert.threshold", "method.basis")
    )
    if threshold is None or basis is None:
        lines = tell.line("the alert has a score of {score}.", score=score)
    else:
        lines = tell.line(
            "the alert has a score of {score}, where rings alert from {threshold} on; it rests on "
            "{basis}.",
            score=score, threshold=threshold, basis=basis,
        )  # fmt: skip
    lines += tell.line(
        "in all, {transactions:transaction} of {accounts:account} were searched.",
        transactions=tell.one("run.transactions"), accounts=tell.one("run.accounts"),
    )  # fmt: skip
    moved, alone = tell.one("ring.amount"), tell.one("lone.amount")
    lines += tell.line(
        "the movement of {amount} stands out for these reasons; that is no finding about any "
        "person.",
        amount=alone,
    )
    return lines + tell.line(
        "the movement of {amount} is consistent with the typology {typology}; that shows how money "
        "moved and is no finding about any person.",
        amount=moved, typology=tell.one("ring.typology"),
    )  # fmt: skip
