"""The sentences about a transaction that alerted by itself, and about followed money."""

from __future__ import annotations

from engine.narrative.draft import Sentence
from engine.narrative.template_words import Teller, at


def introduction(tell: Teller) -> list[Sentence]:
    """Say in a sentence who paid whom how much, and when."""
    time, amount = tell.one("lone.time"), tell.one("lone.amount")
    facts = {"id": tell.one("alert.id"), "amount": amount, "time": time}
    ends = {"sender": tell.one("lone.sender"), "receiver": tell.one("lone.receiver")}
    if None in ends.values():
        return tell.line(
            f"alert {{id}} concerns a single transaction of {{amount}} {at(time)} {{time}}.",
            **facts,
        )
    return tell.line(
        "alert {id} concerns a single transaction of {amount} from account {sender} to account "
        f"{{receiver}} {at(time)} {{time}}.",
        **facts, **ends,
    )  # fmt: skip


def who(tell: Teller) -> list[Sentence]:
    """Tell what both accounts did in the whole data."""
    lines = []
    for side in ("sender", "receiver"):
        account = tell.one(f"lone.{side}")
        for way, verb in (("in", "received"), ("out", "sent")):
            n, amount = tell.one(f"{side}.{way}_count"), tell.one(f"{side}.{way}_amount")
            pattern = (
                f"in the whole data, account {{account}} {verb} {{amount}} in {{n:transaction}}."
            )
            if n is not None and not n.value:
                lines += tell.line(f"in the whole data, account {{account}} {verb} no money.",
                                   account=account, cites=n)  # fmt: skip
            else:
                lines += tell.line(pattern, account=account, n=n, amount=amount)
    return lines


def what(tell: Teller) -> list[Sentence]:
    """Tell the amount, and the balances where the data have them."""
    lines = tell.line("the transaction moved {amount}.", amount=tell.one("lone.amount"))
    for side in ("sender", "receiver"):
        lines += tell.line(
            "the balance of account {account} was {before} before it and {after} after it.",
            account=tell.one(f"lone.{side}"),
            before=tell.one(f"balance.{side}_before"), after=tell.one(f"balance.{side}_after"),
        )  # fmt: skip
    return lines


def when(tell: Teller) -> list[Sentence]:
    """Tell the time."""
    time = tell.one("lone.time")
    return tell.line(f"it took place {at(time)} {{time}}.", time=time)


def where(tell: Teller) -> list[Sentence]:
    """Tell the type of the transaction."""
    return tell.line("by type it is a {type}.", type=tell.one("lone.type"))


def counter(tell: Teller) -> list[Sentence]:
    """Tell what the two accounts had to do with each other, and with rings."""
    earlier, rings = tell.one("pair.earlier"), tell.one("pair.rings")
    if tell.number("pair.earlier"):
        lines = tell.line("the sender had paid the receiver before, in {n:transfer}.", n=earlier)
    else:
        text = "the sender had not paid the receiver before."
        lines = tell.line(text, cites=[earlier]) if earlier else []
    if tell.number("pair.rings"):
        return lines + tell.line("the accounts stand in {n:ring} that the run found.", n=rings)
    text = "neither account stands in a ring that the run found."
    return lines + (tell.line(text, cites=[rings]) if rings else [])


def traced(tell: Teller) -> list[Sentence]:
    """Tell where the money of a transfer went."""
    start = tell.one("trace.amount")
    if start is None:
        return []
    sender, receiver = (one.replace("{", "{{").replace("}", "}}") for one in start.subjects)
    facts = {"amount": start, "wait": tell.one("trace.wait")}
    passed, rest = tell.one("trace.passed"), tell.one("trace.rest")
    whole = f"of the {{amount}} that account {sender} sent to account {receiver}, "
    if not tell.number("trace.passed"):
        return tell.line(f"{whole}{{rest}} stayed there for {{wait}} or more.", rest=rest, **facts)
    stayed = " and {rest} stayed" if tell.number("trace.rest") else ", which is all of it"
    shown = facts | ({"rest": rest} if tell.number("trace.rest") else {})
    lines = tell.line(f"{whole}{{passed}} was passed on within {{wait}}{stayed}.",
                      passed=passed, **shown)  # fmt: skip
    return lines + _followed(tell)


def _followed(tell: Teller) -> list[Sentence]:
    lines = tell.line(
        "the money was followed through up to {steps:transfer} in a row, the latest of "
        "them {within} after the start.",
        steps=tell.one("trace.steps"), within=tell.one("trace.within"),
    )  # fmt: skip
    for end in tell.all("trace.end"):
        account = end.subjects[0].replace("{", "{{").replace("}", "}}")
        lines += tell.line(f"{{part}} of it was followed to account {account}.", part=end)
    return lines
