"""What a sentence denies, and what it says of innocent explanations: each needs its fact."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from engine.narrative.ledger import Fact
from engine.narrative.licences import forms, is_one_of, told
from engine.narrative.reading import Reading, Word

_NO = forms("no none nor not never nothing neither without nobody cannot")
_UNKNOWN = forms("unknown open missing beyond unexplained")
_FAILS = forms("fail unlikely exclude reject rule ruled deny lack")
_FITS = forms(
    "fit fits fitted fitting explain explains explained apply applies applied reason reasons "
    "ordinary plausible possible likely match matches matched hold holds"
)
_IF = forms("would if were needed whether tested expected from suffice")
#: Of a fact that is zero: what is said not to be.
_NOTHING = {
    "alert": "alert case", "explanation": "apply fit fitted explain hold match",
    "outside": "go went them outside else other another external come came reach leave left",
    "pair": "ring stand belong pay "
    "paid payment transfer transaction send sent receive deal dealt money earlier",
    "row": "row record line reject read", "account": "account counterparty member pay paid send "
    "sent receive transfer deal dealt", "transfer": "transfer payment transaction send sent pay "
    "paid receive pass move", "amount": "money pass move stay leave left amount transfer pay paid "
    "send sent receive hold balance remain rest difference",
}  # fmt: skip
_BY_KEY = (
    (re.compile(r"^earlier\."), "alert"), (re.compile(r"^check\.fitting$"), "explanation"),
    (re.compile(r"^outside\."), "outside"), (re.compile(r"^pair\."), "pair"),
    (re.compile(r"^run\.rejected$"), "row"),
    (re.compile(r"parties$|accounts$|counterparties$"), "account"),
    (re.compile(r"count$|transfers$|feature\."), "transfer"),
    (re.compile(r"amount|balance|trace\.|difference|rest|passed"), "amount"),
)  # fmt: skip
_SETS = {name: forms(words) for name, words in _NOTHING.items()}
#: Facts that say what is not, whatever their value.
_NEGATIVE = re.compile(
    r"^unknown\.|^score\.unexplained$|^member\.member$|^role\.member$|^trace\.rest$"
)
#: ``not 0`` is a number after all.
_JUST_NO = re.compile(r"\b(?:no|not|never|none)\s(?:of\s)?$")
_SAYS_NO = re.compile(r"\b(?:no|not)\b")


def denied(reading: Reading, checks: Mapping[str, bool]) -> list[str]:
    """Return what a sentence denies, or says of an innocent explanation, against its facts.

    Parameters
    ----------
    checks
        Of each innocent explanation, by its code, whether it fits.
    """
    return [*_denials(reading, checks), *_outcomes(reading, checks), *_known(reading)]


def _known(reading: Reading) -> Iterator[str]:
    """Find what is not known, and is not said to be so."""
    is_said = any(one.text in _NO or one.text in _UNKNOWN for one in reading.words)
    if not is_said and any(fact.key.startswith("unknown.") for fact in reading.cited):
        yield "what the data do not say is told as if they did"


def _clauses(reading: Reading) -> Iterator[tuple[int, int, list[Word]]]:
    for start, end in zip(reading.bounds, reading.bounds[1:], strict=False):
        yield start, end, reading.words_in(start, end)


def _denials(reading: Reading, checks: Mapping[str, bool]) -> Iterator[str]:
    for start, end, words in _clauses(reading):
        said = [one.text for one in words if one.text in _NO]
        if not said:
            continue
        if "neither" in said:
            said = [one for one in said if one != "nor"]
        is_zero = any(
            token.number == 0 and _JUST_NO.search(reading.plain, start, token.start)
            for token, _ in reading.valued()
            if start <= token.start < end
        )
        if len(said) > 1 or is_zero or any(is_one_of(one.text, _FAILS) for one in words):
            yield f"“{said[0]}” is a double negation"
        elif not any(_denies(fact, reading, words, checks) for fact in reading.cited):
            yield f"no cited fact says “{said[0]}”"


def _denies(
    fact: Fact, reading: Reading, words: Sequence[Word], checks: Mapping[str, bool]
) -> bool:
    code = _code(fact)
    if code is not None:
        return not checks[code] if code in checks else False
    if _NEGATIVE.search(fact.key) or _SAYS_NO.search(told(fact)):
        return True
    if fact.value not in (0, "0", "0.0"):
        return False
    about = next((name for pattern, name in _BY_KEY if pattern.search(fact.key)), None)
    return about is None or any(is_one_of(one.text, _SETS[about]) for one in words)


def _code(fact: Fact) -> str | None:
    if not fact.key.startswith("check.") or fact.key in ("check.tested", "check.fitting"):
        return None
    return fact.key.split(".")[1]


def _outcomes(reading: Reading, checks: Mapping[str, bool]) -> Iterator[str]:
    codes = {code for fact in reading.cited if (code := _code(fact)) in checks}
    counts = {fact.key for fact in reading.cited} & {"check.tested", "check.fitting"}
    if not codes and not counts:
        return
    for start, end, words in _clauses(reading):
        is_denied = any(one.text in _NO for one in words)
        is_said = any(one.text in _FITS for one in words)
        is_doubted = any(is_one_of(one.text, _FAILS) for one in words)
        if is_said and not is_denied and not any(one.text in _IF for one in words):
            if any(not checks[code] for code in codes if code is not None):
                yield "the innocent explanation does not fit, by the facts"
            if counts and not codes and not _counts_fitting(reading, start, end, counts):
                yield "it is not so many innocent explanations that fit"
        if (is_doubted or (is_said and is_denied)) and any(
            checks[code] for code in codes if code is not None
        ):
            yield "the innocent explanation fits, by the facts"
        if is_doubted and counts:
            yield "how many innocent explanations were ruled out is no fact"


def _counts_fitting(reading: Reading, start: int, end: int, counts: set[str]) -> bool:
    keys = [
        {fact.key for fact in facts}
        for token, facts in reading.valued()
        if start <= token.start < end
    ]
    if not keys:
        return counts == {"check.fitting"}
    return any("check.fitting" in of for of in keys)
