"""Words that claim something of their own, and the facts that allow them.

``largest`` is only said with a fact about the largest transfer, ``cash`` only with one about its
type. A cue is looked for in the key, the label, and the words of the facts that a sentence cites.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from engine.narrative.ledger import Fact
from engine.narrative.lexicon import stems
from engine.narrative.words import TYPOLOGIES

LARGEST = "biggest busiest busier greatest highest largest maximum most peak top"
SMALLEST = "fewest least lowest minimum smallest"
FIRST = (
    "began begin beginning begun earliest first initial initiate onset open originate outset start"
)
LAST = "cease conclude end final last latest stop"
BEFORE = "before earlier previous previously prior"

#: Words, and the pattern of what allows them.
_GROUPS: tuple[tuple[str, str], ...] = (
    ("biggest greatest highest largest maximum", r"largest|\.limit|exceed|role\.|reason\."),
    ("busier busiest most peak top", r"busiest|largest|most\b|\.limit|exceed|role\.|reason\."),
    (SMALLEST, r"smallest|least|minimum|\.limit"),
    (FIRST, r"earliest|first\b(?! account)|source|start|began|begin|history\.|trace\."),
    (LAST,
     r"latest|last\b|ring\.end|collector|exit|trace\.end|chain|end\b|duration|period|path|decided"),
    (BEFORE, r"earlier|before|between money in|history\."),
    ("average mean median middling typical typically", r"average|median|mean\b"),
    ("apiece each every per", r"average|\ba day\b|per_day|ring\.smallest|such a data set"),
    (
        "acquaintance bill business customer employer escrow family friend gift harmless innocent "
        "marketplace merchant payroll refund rent salary sale sell shop shops standing",
        r"check\.|score\.unexplained|innocent",
    ),
    (
        "branch country identity location owner own owned owns person people purpose",
        r"unknown\.|own accounts|own_accounts|its own rate|burst",
    ),
    ("model likelihood likely probability unlikely predict",
     r"model|probability|check\.|burst|chance|feature\."),
    ("chance luck random", r"chance\.|surprise"),
    ("risk risky", r"risk|model"),
    ("high higher large larger", r"high_amount|exceed|risk|raised|largest|\.limit"),
    ("low small smaller little", r"smallest|\.limit"),
    ("score threshold", r"score|threshold|\.limit|from where|unusual|rule|risk|reporting"),
    ("cash deposit withdraw withdrew withdrawn withdrawal debit", r"cash|withdrawal|deposit|debit"),
    ("outside outsider external elsewhere outer", r"outside|check\.merchant|check\.marketplace"),
    ("else", r"outside|besides|others\.|trace\.rest|trace\.passed"),
    ("back return round backward", r"both ways|round|cycle|path|paid as much|mutual|own_accounts"),
    ("new newly fresh", r"\bnew\b|burst"),
    ("instruction text reviewer aimed automated", r"instructions"),
    ("balance empty drain", r"balance|empties|left on"),
    ("bipartite", r"bipartite"),
    ("structure structuring reporting", r"structuring"),
    ("stack layer layered layering", r"stack|layer"),
    ("cycle loop", r"cycle"),
    ("chain", r"chain"),
    ("fan burst", r"fan|burst"),
    ("scatter spread disperse dispersed dispersal distribute distribution fraction",
     r"scatter|fan.out|source|share|account\.out|duration|days|ring\.start"),
    ("community circle", r"community|circle"),
    (
        "collector converge concentrate concentration",
        r"collector|gather|fan.in|burst|scatter|come together|hub",
    ),
    ("mule intermediary", r"mule|passed"),
    ("hub centre center core", r"hub|middle|burst|fan|gather|collector|source"),
    ("exit", r"exit"),
    ("source", r"source|fan.out|rests on"),
    ("disposition", r"disposition|decided"),
    ("quick rapid swift short shorter immediate immediately",
     r"short|check\.|duration|within|wait|\bwindow"),
    ("unusual suspicious anomalous rare",
     r"unusual|alert\.|reason\.|chance\.|typology|ring\.id|exceed"),
    ("unexplained", r"unexplained|check\."),
    ("because hence therefore thereby thus", r"check\.|alert\.|reason\.|unknown\.|chance\."),
    ("alone", r"alone|chance\."),
    ("decision", r"decided"),
    ("fall fell gain grew grow increase rise rose", r"balance|burst|reason\.|\bdays?\b|check\."),
    ("than", r"\.limit|threshold|exceed|chance"),
    ("test consider question", r"check\."),
    ("open", r"unknown\.|ring\.start"),
    ("unknown", r"unknown\."),
    ("reject", r"rejected|check\."),
    ("entire entirety everything fully complete", r"whole|in all|\ball\b"),
    ("simultaneous simultaneously", r"duration|start"),
)  # fmt: skip
_BY_WORD = {word: n for n, (words, _) in enumerate(_GROUPS) for word in words.split()}
_CUES = tuple(re.compile(cue) for _, cue in _GROUPS)


@lru_cache(maxsize=8192)
def group(word: str) -> int | None:
    """Return the number of the group that a word, in any of its forms, belongs to."""
    if word in _BY_WORD:
        return _BY_WORD[word]
    return next((_BY_WORD[stem] for stem in stems(word) if stem in _BY_WORD), None)


def unlicensed(words: Iterable[str], cited: Iterable[Fact]) -> list[str]:
    """Return the words that none of the cited facts allows, in order."""
    claims = [(word, n) for word in dict.fromkeys(words) if (n := group(word)) is not None]
    if not claims:
        return []
    borne = "\n".join(_said(fact) for fact in cited)
    return [word for word, n in claims if not _CUES[n].search(borne)]


def _said(fact: Fact) -> str:
    is_round = isinstance(fact.value, tuple) and fact.value[0] == fact.value[-1]
    return f"{fact.key} {told(fact)} {'cycle' if is_round else ''}".lower()


def told(fact: Fact) -> str:
    """Return the program's words on a fact: its label, its text, what its typology means."""
    if fact.kind != "text":
        return fact.label
    means = "" if fact.key != "ring.typology" else _MEANINGS.get(str(fact.value), "")
    return f"{fact.label} {fact.value} {means}"


#: By their name in a sentence, what typologies mean.
_MEANINGS = dict(TYPOLOGIES.values())


def forms(words: str) -> frozenset[str]:
    """Return words of a group as a set."""
    return frozenset(words.split())


def is_one_of(word: str, of: frozenset[str]) -> bool:
    """Tell whether a word, in any of its forms, is one of some."""
    return word in of or any(stem in of for stem in stems(word))
