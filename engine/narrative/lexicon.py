"""The words of a narrative: a controlled English, in which no order, verdict, or name can be said.

As in Simplified Technical English (ASD-STE100), a word that is not listed may not be used. A list
of what is forbidden would never be complete; a list of what an account of payments needs is.
A sentence may use the words of the labels and texts of its cited facts besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

_FUNCTION = """
a about above across after afterwards again against all alone along already also although
altogether among amongst an and another anybody apart are around as at away be because been before
behind being below beside besides between beyond both but by can cannot could did do does done
down during each either else elsewhere enough even ever every except far for from further
furthermore had has have having hence here how however if in including inside instead into is it
its itself just later left less like likewise made many may meanwhile might more moreover most
much namely neither never no nobody none nor not nothing of off on once one onto or other others
otherwise out outside over overall own per rather same several since so some somebody something
still such than that the their them themselves then there thereafter thereby therefore these they
this those though through throughout thus to together too toward towards under until up upon via
was were what when where whereas whereby whether which while who whole whom whose why with within
without would yet
"""

_VERBS = """
accord account accumulate act add aggregate alert alternate amount appear apply arise arrive
average based become began begin begun belong bring brought call came carry cease change check
circulate cite collect come compare comprise concentrate concern connect consider considered
consist contain continue converge count cover credit cross date deal dealt debit delay deliver
depart deposit derive describe detect differ direct disburse dispatch dispersed distribute divide
drain draw drawn drew empty end enter equal exceed exchange exhibit expect explain extend fall fed
feed fell fit fitted flag flow follow form forward found fund gain gather gave get give given go
goes going gone got grew group grow hand happen held hit hold identify include increase indicate
initiate interact involve issue join keep kept known lasted lay layer lead leave led lie link list
make mark match mean measure meet met move name need note observe obtain occur offer open
originate paid pair part pass pay peak place point pool predict process produce provide push put
question raise ran range reach receive record recur reduce refer reject relay remain remit repeat
represent require rest retain return reveal rise rose route rule run said saw say score search
seen sell send sent serve settle shift show shown shows sit span split spread stand start state
stay step stood stop store suffice sum supply support surface take taken tell test tie told took
total trace trade transact transfer transmit travel turn use vary went withdraw withdrawn withdrew
yield
"""

_NOUNS = """
activity addition alert analysis analyst arrangement balance bank basis beginning bill branch
burst calendar case cash center centre chain chance channel circle circumstance clock cluster
collection collector combination community comparison concentration conclusion connection
consideration core counter counterpart counterparty country course currency customer cycle data
dataset day decision destination detail detection detector difference direction dispersal
dispersion disposition distribution duration edge effect element entirety entry episode evidence
example exception exit explanation exposure extent fact fan feature figure final finding fraction
frequency friend funds gap gift half hindsight history hop hub identity income indication
indicator inflow input instance instruction intermediary interval investigation item leg length
level likelihood limit line loop means median member merchant middle midpoint model moment money
movement mule multiple narrative need network node number occasion order origin originator outflow
outgoing outsider owner participant party path pattern pause payee payer payment payroll people
percentage period person phase portion position posting probability proceeding proportion purpose
rate ratio reading reason receipt receiver recipient reference refund region remainder rent
reviewer ring risk role round row salary sample scale schedule second sender sequence set shape
share side sign single size source stack stage standing statement structure structuring subset
succession surplus takings target text thing threshold time timeframe timeline trail transaction
turnover type typology unit value volume wait way window withdrawal word world worth
"""

_QUALITIES = """
active adjacent anomalous apparent approximately back bipartite brief broad busiest busy certain
collective combined common comparable complete consecutive consistent consistently continuous
contrast correspondingly current dense different distinct double earlier earliest early elapsed
entire essentially evenly expected external extra final first following forth frequent fresh fully
harmless high higher highest identical immediate individual initial inner innocent intermediate
internal joint key large larger largest last late latest least likely little located long longer
longest main mainly maximum minimum mixed mutual narrow net new next notable numerous onward
opposite ordinary original outer outright parallel partial particular peripheral plausible
possible pre predicted present previous primary principal prior pure quick rapid rare recent
recorded regular remaining remote repeated respective respectively roughly separate sequential
short shorter similar simultaneous slight small smaller smallest sole specific standard
statistical steady straight strong subsequent substantial successive sudden swift tested tight top
traceable typical unexplained uniform unique unknown unlikely unusual unusually usual utc various
wide widespread word
"""

#: Known in this form alone.
_EXACT = """
acquaintance acquaintances aimed automated bills busier business businesses carried deals employer
escrow exists families family fewer fewest fixed gifts layered layering marketplace merchants ones
onwards orders passed periodic receives reporting reviewers rings salaries searched sends shared
sharing shop shops suspicious
"""

NOUNS = frozenset(_NOUNS.split())
WORDS = frozenset(f"{_FUNCTION} {_VERBS} {_NOUNS} {_QUALITIES} {_EXACT}".split())


@lru_cache(maxsize=8192)
def is_known(word: str) -> bool:
    """Tell whether a word of lower case is, in a form that it can have, one of a narrative's."""
    return word in WORDS or any(
        stem in of for ending, of in _FORMED if word.endswith(ending) for stem in stems(word)
    )


def stems(word: str) -> Iterator[str]:
    """Yield what a word may be a form of: ``carried`` of ``carry``, ``moving`` of ``move``."""
    for ending, others in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            base = word.removesuffix(ending)
            yield from (base + other for other in others)
            if ending in ("ed", "ing") and base[-1] == base[-2:-1]:
                yield base[:-1]


_ENDINGS = (
    ("ies", ("y",)), ("ied", ("y",)), ("es", ("", "e")), ("s", ("",)), ("ed", ("", "e")),
    ("ing", ("", "e")), ("ly", ("",)),
)  # fmt: skip
#: Endings, and the words that have them.
_FORMED = (
    ("s", frozenset(f"{_VERBS} {_NOUNS}".split())), ("ed", frozenset(_VERBS.split())),
    ("ing", frozenset(_VERBS.split())), ("ly", frozenset(_QUALITIES.split())),
)  # fmt: skip
