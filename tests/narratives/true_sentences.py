"""True sentences over a ledger, in words that are not the template's.

A pattern holds keys of facts in braces. Keys of the same ``group`` of a pattern are of the same
account or transfer; forms of values rotate, so that each pattern is written in many ways.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from engine.narrative.draft import Sentence
from engine.narrative.ledger import Fact, Ledger
from tests.narratives.wordings import forms, words

#: Patterns over facts that a ledger has once.
_SINGLE = (
    "All together, {ring.amount} changed hands among {ring.accounts} accounts.",
    "In {ring.transfers} payments the group shifted {ring.amount}.",
    "The group counts {ring.accounts} members, which made {ring.transfers} payments to each other.",
    "The first payment was made {ring.start}, and the final one {ring.end}.",
    "Activity opened {ring.start}.",
    "Payments among these accounts ceased {ring.end}.",
    "From the first payment to the last it took {ring.duration}.",
    "The whole episode lasted {ring.duration} and involved {ring.amount}.",
    "The least that was paid at once is {ring.smallest}, the most is {ring.largest}.",
    "A typical payment (the median) came to {ring.median}.",
    "Payments fell on {ring.days} different days, averaging {ring.per_day} for each.",
    "Activity peaked {busiest.date}, when {busiest.amount} moved in {busiest.transfers} payments.",
    "The peak day saw {busiest.amount} change hands.",
    "{outside.in_amount} reached the group from outside, sent by {outside.in_accounts} accounts.",
    "To the outside world went {outside.out_amount}, shared by {outside.out_accounts} accounts.",
    "The remaining {others.transfers} payments add up to {others.amount}.",
    "Pure chance would yield a pattern like this in a single one of {chance.inputs} data sets of "
    "{chance.accounts} accounts.",
    "Of the harmless explanations, {check.tested} were put to the test and {check.fitting} fit.",
    "Its score reaches {alert.score}, above the threshold of {alert.threshold}.",
    "The score stands at {alert.score}.",
    "The search went through {run.transactions} transactions and {run.accounts} accounts.",
    "On average the transfers carry a risk of {reason.mean_risk}; the mark to pass is "
    "{reason.mean_risk.limit}.",
    "What arrived at the end is {path.share} of what was first sent.",
    "{passed.accounts} accounts forwarded what they got, typically {passed.share} of it.",
    "Money typically rested for {passed.duration} before it moved on.",
    "There were {earlier.alerts} alerts on these accounts before.",
    "Rent was considered: {check.standing_orders.value} of the payments recur, while "
    "{check.standing_orders.limit} would be expected.",
    "Were this a family, {check.own_accounts.limit} of the pairs would pay back and forth; it is "
    "{check.own_accounts.value}.",
    "Friends who share bills are unlikely, at {check.known_circle.value} against a mark of "
    "{check.known_circle.limit}.",
    "A merchant would have at least {check.merchant.limit} more customers, where the data show "
    "{check.merchant.value}.",
    "Salaries were ruled out, with {check.payroll.value} against {check.payroll.limit}.",
    "The centre met {reason.fan_in_burst} new counterparties, although "
    "{reason.fan_in_burst.limit} were to be expected.",
    "The centre paid {reason.fan_out_burst} new counterparties, although "
    "{reason.fan_out_burst.limit} were to be expected.",
    "Money followed this way: {ring.path}.",
    "A payment of {lone.amount} went out {lone.time}.",
    "{lone.sender} transferred {lone.amount} to {lone.receiver}.",
    "{lone.receiver} was credited with {lone.amount} by {lone.sender} {lone.time}.",
    "The model's probability is {reason.model}, where {reason.model.limit} would suffice.",
    "Few transactions are above {reason.high_amount.limit}; here {reason.high_amount} was paid.",
    "The payer had paid this payee {pair.earlier} times before.",
)

#: Patterns over facts about the same accounts; ``{0}`` is the first of these, ``{1}`` the second.
_OF_ACCOUNTS = (
    "{0} paid {1} {transfer.amount} {transfer.time}.",
    "A payment of {transfer.amount} passed from {0} to {1}.",
    "{1} got {transfer.amount} out of {0} {transfer.time}.",
    "{0} handed {account.out_amount} to {account.out_parties} other members.",
    "Members of the group took in {account.out_amount} through payments made by {0}.",
    "{account.in_parties} members fed {0} with {account.in_amount}.",
    "{0} took in {account.in_amount} within the group.",
    "Ever since records began, {0} had {history.counterparties} counterparties.",
    "For {0}, the ring stands for {history.in_share} of all that it received.",
    "For {0}, the ring stands for {history.out_share} of all that it paid.",
    "{0} shows up {history.first} for the first time.",
    "Over all the data, {0} received {history.in_amount}.",
    "Over all the data, {0} paid out {history.out_amount}.",
    "{0} gave away {account.passed_share} of its takings, which leaves {account.difference}.",
    "{0} sent {1} {trace.amount}, of which {trace.passed} went further and {trace.rest} did not.",
    "Of that sum, {trace.end} could be traced to {0}.",
    "The payer, {0}, had {balance.sender_before} before and {balance.sender_after} afterwards.",
    "The balance of {0} rose from {balance.receiver_before} to {balance.receiver_after}.",
    "{0} sent {sender.out_amount} in {sender.out_count} transactions overall.",
    "{0} received {receiver.in_amount} in {receiver.in_count} transactions overall.",
)

#: Of facts that are zero.
_NONE = {
    "earlier.alerts": "No alert named these accounts before.",
    "check.fitting": "None of the harmless explanations fits.",
    "pair.earlier": "The payer never paid this payee before.",
    "outside.in_accounts": "Nothing reached the group from outside.",
    "outside.out_accounts": "The group paid nothing to anybody else.",
}

_ROLES = {
    "source": "Payments set out from {} accounts, among them {}.",
    "collector": "The money ends up with {} accounts, {} included.",
    "mule": "Between them stand {} accounts that relay funds, for example {}.",
}
#: Most sentences of a pattern about accounts in a ledger.
_MOST = 2


def true_sentences(ledger: Ledger, turn: int = 0) -> list[Sentence]:
    """Return true sentences over a ledger; ``turn`` chooses among the forms of their values."""
    once = [*_single(ledger, turn), *_none(ledger), *_roles(ledger, turn)]
    return list(dict.fromkeys([*once, *_of_accounts(ledger, turn)]))


def _single(ledger: Ledger, turn: int) -> Iterator[Sentence]:
    for n, pattern in enumerate(_SINGLE):
        facts = [ledger.of(key) for key in _keys(pattern)]
        if all(len(of) == 1 for of in facts):
            yield _filled(pattern, [of[0] for of in facts], (), turn + n)


def _none(ledger: Ledger) -> Iterator[Sentence]:
    for key, text in _NONE.items():
        for fact in ledger.of(key):
            if fact.value == 0:
                yield Sentence(text, (fact.fact_id,))


def _of_accounts(ledger: Ledger, turn: int) -> Iterator[Sentence]:
    for n, pattern in enumerate(_OF_ACCOUNTS):
        keys = _keys(pattern)
        firsts = ledger.of(keys[0])
        # Of the transfers, some of the middle, too, and not the first alone.
        step = max(1, len(firsts) // _MOST)
        for place, first in enumerate(firsts[::step][:_MOST]):
            facts = [_same(ledger, key, first) for key in keys]
            told = [one for one in facts if one is not None]
            if len(told) == len(keys):
                yield _filled(pattern, told, first.subjects, turn + n + place)


def _roles(ledger: Ledger, turn: int) -> Iterator[Sentence]:
    for role, pattern in _ROLES.items():
        members, count = ledger.of(f"member.{role}"), ledger.of(f"role.{role}")
        if len(members) < 2 or len(count) != 1 or not isinstance(count[0].value, int):
            continue
        names = " and ".join(_named(str(one.value)) for one in members[:2])
        number = count[0].value
        text = pattern.format(words(number) if number < 20 and turn % 2 else number, names)
        yield Sentence(text, tuple(one.fact_id for one in (count[0], *members[:2])))


def _same(ledger: Ledger, key: str, first: Fact) -> Fact | None:
    """Return the fact of a key that belongs to another: the next after it of the same accounts."""
    place = ledger.facts.index(first)
    near = (*ledger.facts[place:], *ledger.facts[max(0, place - 4) : place][::-1])
    return next((one for one in near if one.key == key and one.subjects == first.subjects), None)


def _keys(pattern: str) -> list[str]:
    return re.findall(r"\{([a-z][\w.]*)\}", pattern)


def _filled(pattern: str, facts: Sequence[Fact], subjects: Sequence[str], turn: int) -> Sentence:
    text = pattern
    for n, fact in enumerate(facts):
        written = forms(fact)
        is_name = fact.kind == "account"
        chosen = _named(written[0]) if is_name else written[(turn + n) % len(written)]
        text = text.replace(f"{{{fact.key}}}", chosen, 1)
    for n, name in enumerate(subjects[:2]):
        text = text.replace(f"{{{n}}}", _named(name))
    return Sentence(_grammatical(text), tuple(one.fact_id for one in facts))


def _named(name: str) -> str:
    return f"account {name}" if name.isdecimal() else name


def _grammatical(text: str) -> str:
    """Put one thing in the singular, and begin with a capital."""
    text = re.sub(
        r"\b(1|one) ((?:other |new |more |different )?)(account|payment|member|transfer|day|time|"
        r"transaction|alert|customer)s\b",
        r"\1 \2\3", text,
    )  # fmt: skip
    text = re.sub(r"\b(1|one) (new )?counterparties", r"\1 \2counterparty", text)
    return text[:1].upper() + text[1:]
