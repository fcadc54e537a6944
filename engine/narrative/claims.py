"""What a sentence says beside its values and names: nothing that no cited fact bears out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from engine.narrative.contrasts import contrary
from engine.narrative.counting import miscounted
from engine.narrative.lexicon import is_known
from engine.narrative.licences import forms, is_one_of, told, unlicensed
from engine.narrative.limits import confused
from engine.narrative.negation import denied
from engine.narrative.periods import stretched
from engine.narrative.reading import Reading
from engine.narrative.roles import miscast
from engine.narrative.sequence import disordered

#: Words before a value that make it a bound; only a limit is one.
_BOUND = re.compile(
    r"\b(?:(?:more|less|fewer|other|greater|higher|lower|larger|smaller|longer|shorter|later|"
    r"earlier|further) than|over|above|below|under|beyond|exceed(?:s|ed|ing)?|at (?:least|most)|"
    r"(?<!add )(?<!adds )(?<!adding )up to|before|after|nearly|almost|close to|"
    r"as (?:much|many|large|high|low|long) as)\s"
    r"(?:the\s|a\s|about\s|on\s|at\s)*$"
)
_OF_A_TIME = re.compile(r"\b(?:over|within|after|at (?:least|most)|up to)\s(?:the\s|a\s|about\s)*$")
_BOUNDS = re.compile(
    r"\.limit$|\.threshold$|^chance\.|^trace\.(?:wait|steps|within)$|^alert\.score$"
)
#: What no fact can bear out: that sums are the same money, that somebody had to do something, that
#: one transfer is the cause of another, that something shows something else.
_NEVER = re.compile(
    r"\bsame (?!(?:accounts?|amount|collectors?|dates?|days?|moment|period|receivers?|several|time)"
    r"\b)"
    r"\w+|"
    r"\ball of (?:the|its|this) money\b|\b(?:had|has|have|having) to\b|"
    r"(?<!time )\bsince (?!·|records\b|there\b|the (?:first|earliest|start)\b)|"
    r"\b(?:shows?|shown|indicat\w+|reveal\w*|means?) that\b|"
    r"\ba day (?:after|before|earlier|later)\b|"
    r"\b(?:harmless|innocent)\b(?! (?:explanation|reading|reason))|"
    r"\b(?:direct|leads?|led|runs?|ran)(?:ed|s)? the (?:ring|group|accounts)\b|"
    r"\bmade (?:account )?·+ (?:move|pass|pay|send|transfer)\b"
)
_MOST_REPEATS = 3
_OF_TYPOLOGIES = forms("bipartite chain cycle gather scatter stack structuring")
_FAN = re.compile(r"\bfan.(?:in|out)\b")
_IF = forms("would without if were")
_ALL = re.compile(
    r"\ball (?:of )?(?:the )?(?:· )?(?:transfers|payments|transactions|accounts|members)\b"
)
_OF_ALL = re.compile(
    r"^ring\.(?:transfers|accounts|duration|start|end)$|^run\.|^type\.|^unknown\.|^reason\.anomaly$"
)
_MEAN = re.compile(r"\b(?:median|average|mean)\b")
_AS_MEAN = forms("average mean median middle midpoint typical usual")


def unfounded(reading: Reading, checks: dict[str, bool]) -> list[str]:
    """Return what a sentence claims that its cited facts do not say.

    Parameters
    ----------
    checks
        Of each innocent explanation, by its code, whether it fits.
    """
    unknown = _unknown_words(reading)
    if unknown:
        return [f"“{word}” is no word of a narrative" for word in unknown]
    found = [
        f"no cited fact bears out “{word}”"
        for word in unlicensed((one.text for one in reading.words), reading.cited)
    ]
    found += [f"no cited fact says “{said[0]}”" for said in _NEVER.finditer(reading.plain)]
    if _ALL.search(reading.plain) and not any(_OF_ALL.search(x.key) for x in reading.cited):
        found.append("no cited fact is about all of them")
    for rule in _RULES:
        found += rule(reading)
    return found + denied(reading, checks)


def _unknown_words(reading: Reading) -> list[str]:
    own = frozenset().union(*(_words_of(told(fact)) for fact in reading.cited))
    return list(
        dict.fromkeys(
            one.text for one in reading.words if not is_known(one.text) and one.text not in own
        )
    )


@lru_cache(maxsize=2048)
def _words_of(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z]+", text.lower()))


def _bounds(reading: Reading) -> Iterator[str]:
    for token, facts in reading.valued():
        lead = reading.plain[max(0, token.start - 32) : token.start]
        said = _BOUND.search(lead)
        if said is None or any(_BOUNDS.search(fact.key) for fact in facts):
            continue
        if not (token.kind == "duration" and _OF_A_TIME.search(lead)):
            yield f"“{said[0].strip()} {token.text}” is a comparison that no cited fact makes"


def _of_texts(reading: Reading) -> Iterator[str]:
    """Find typologies and roles that are others than those of the facts, and means told as all."""
    words = {one.text for one in reading.words}
    is_single = any(fact.key == "passed.accounts" and fact.value == 1 for fact in reading.cited)
    for fact in reading.cited:
        if fact.key == "ring.typology":
            left = "-".join(one.text for one in reading.words if one.text in _OF_TYPOLOGIES)
            if left not in f"{fact.value} {told(fact)}":
                yield f"the typology is {fact.value}"
            fan = _FAN.search(reading.plain)
            if fan and fan[0] not in f"{fact.value} {told(fact)}":
                yield f"the typology is {fact.value}"
        if fact.key == "score.unexplained" and not words & _IF:
            yield f"{fact.fact_id} is what would be, and the sentence does not say so"
        if (
            _MEAN.search(fact.label)
            and not is_single
            and not any(is_one_of(x.text, _AS_MEAN) for x in reading.words)
        ):
            yield f"{fact.fact_id} is a median or an average, and the sentence does not say so"


def _repeated(reading: Reading) -> Iterator[str]:
    words = reading.words
    runs = Counter(
        reading.plain[one.start : last.end]
        for one, last in zip(words, words[2:], strict=False)
        if "·" not in reading.plain[one.start : last.end]
    )
    for run, times in runs.most_common(1):
        if times > _MOST_REPEATS:
            yield f"“{run}” is repeated {times} times"


_RULES: tuple[Callable[[Reading], Iterable[str]], ...] = (
    _bounds, _repeated, _of_texts, miscast, stretched, miscounted, disordered, confused, contrary,
)  # fmt: skip
