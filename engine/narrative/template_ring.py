"""The sentences about a ring."""

from __future__ import annotations

from engine.narrative.draft import Sentence
from engine.narrative.ledger import Fact
from engine.narrative.template_words import Teller, at, placed
from engine.narrative.words import ROLES


def introduction(tell: Teller) -> list[Sentence]:
    """Say in a sentence who moved how much, and when."""
    start, end = tell.one("ring.start"), tell.one("ring.end")
    moved = (
        "alert {id} concerns {accounts:account} that moved {amount} among themselves in "
        "{transfers:transfer}"
    )
    facts = {
        "id": tell.one("alert.id"), "accounts": tell.one("ring.accounts"),
        "amount": tell.one("ring.amount"), "transfers": tell.one("ring.transfers"),
    }  # fmt: skip
    if start is not None and end is not None and start.value == end.value:
        return tell.line(f"{moved} {at(start)} {{start}}.", cites=[end], **facts, start=start)
    return tell.line(f"{moved} from {{start}} to {{end}}.", **facts, start=start, end=end)


def who(tell: Teller) -> list[Sentence]:
    """Name the accounts by role, and tell the history of those that matter most."""
    roles = [role for role in ROLES if tell.one(f"role.{role}")]
    lines = [line for role in roles for line in _role(tell, role)]
    for account in _principals(tell):
        lines += _history(tell, account)
    return lines


def _role(tell: Teller, role: str) -> list[Sentence]:
    count, members = tell.one(f"role.{role}"), tell.all(f"member.{role}")
    more = tell.one(f"role.{role}.more")
    names = {f"m{place}": fact for place, fact in enumerate(members)}
    single, several = ROLES[role]
    if count is not None and count.value == 1:
        return tell.line(f"account {placed(list(names))} {single}.", cites=[count], **names)
    listed = placed(list(names))
    if more is not None:
        listed = ", ".join(f"{{{name}}}" for name in names) + " and {more} more"
        return tell.line(f"{{n:account}} {several}: {listed}.", n=count, **names, more=more)
    return tell.line(f"{{n:account}} {several}: {listed}.", n=count, **names)


def _principals(tell: Teller) -> list[str]:
    found = [*tell.all("account.in_amount"), *tell.all("account.out_amount")]
    return list(dict.fromkeys(one.subjects[0] for one in found))


def _history(tell: Teller, account: str) -> list[Sentence]:
    lines = tell.line(
        f"In the whole data, account {_safe(account)} dealt with {{n:other account}}.",
        n=tell.of("history.counterparties", account),
    )
    first = tell.of("history.first", account)
    lines += tell.line(
        f"The earliest transaction of account {_safe(account)} was {at(first)} {{first}}.",
        first=first,
    )
    for way, verb in (("in", "received"), ("out", "sent")):
        lines += tell.line(
            f"The ring makes up {{share}} of the {{amount}} that account {_safe(account)} {verb} "
            "in the whole data.",
            share=tell.of(f"history.{way}_share", account),
            amount=tell.of(f"history.{way}_amount", account),
        )
    return lines


def _safe(account: str) -> str:
    """Return an account inside a pattern: braces of the data are no placeholders."""
    return account.replace("{", "{{").replace("}", "}}")


def what(tell: Teller) -> list[Sentence]:
    """Say how large the transfers were, and what the main accounts got and gave."""
    smallest, largest = tell.one("ring.smallest"), tell.one("ring.largest")
    if smallest is not None and largest is not None and smallest.value == largest.value:
        lines = tell.line("each transfer was of {largest}.", cites=smallest, largest=largest)
    else:
        lines = tell.line(
            "the transfers were between {smallest} and {largest}, with a median of {median}.",
            smallest=smallest, largest=largest, median=tell.one("ring.median"),
        )  # fmt: skip
    for account in _principals(tell):
        for way, verb, to in (("in", "received", "from"), ("out", "sent", "to")):
            lines += tell.line(
                f"Inside the ring, account {_safe(account)} {verb} {{amount}} {to} "
                "{n:other account}.",
                amount=tell.of(f"account.{way}_amount", account),
                n=tell.of(f"account.{way}_parties", account),
            )
        lines += tell.line(
            f"What account {_safe(account)} sent is {{share}} of what it received; the difference "
            "is {amount}.",
            share=tell.of("account.passed_share", account),
            amount=tell.of("account.difference", account),
        )
    return lines


def when(tell: Teller) -> list[Sentence]:
    """Tell the period, the busiest day, and the transfers in the order of time."""
    start, end, lasted = (tell.one(f"ring.{key}") for key in ("start", "end", "duration"))
    if tell.number("ring.duration") == 0:
        lines = tell.line(
            f"all transfers happened at the same time, {at(start)} {{start}}.",
            start=start, cites=end,
        )  # fmt: skip
    else:
        lines = tell.line(
            "the transfers began {start}, ended {end}, and took {lasted}.".replace(
                "began ", f"began {at(start)} "
            ).replace("ended ", f"ended {at(end)} "),
            start=start, end=end, lasted=lasted,
        )  # fmt: skip
    lines += tell.line(
        "money moved on {days:date}, on average {mean} a day.",
        days=tell.one("ring.days"), mean=tell.one("ring.per_day"),
    )  # fmt: skip
    lines += tell.line(
        "the busiest day was {date} (UTC), with {n:transfer} of {amount} in all.",
        date=tell.one("busiest.date"), n=tell.one("busiest.transfers"),
        amount=tell.one("busiest.amount"),
    )  # fmt: skip
    return lines + transfers(tell)


def transfers(tell: Teller) -> list[Sentence]:
    """Tell transfers one by one, in the order of time, and the others in sum."""
    others, lines = tell.one("others.transfers"), list[Sentence]()
    pairs = zip(tell.all("transfer.time"), tell.all("transfer.amount"), strict=True)
    for time, amount in pairs:
        if others is None or amount.is_key:
            sender, receiver = (_safe(one) for one in amount.subjects)
            lines += tell.line(
                f"{at(time)} {{time}}, account {sender} sent {{amount}} to account {receiver}.",
                time=time, amount=amount,
            )  # fmt: skip
    return lines + tell.line(
        "besides these, {n:transfer} moved {amount}.",
        n=others, amount=tell.one("others.amount"),
    )  # fmt: skip


def where(tell: Teller, types: dict[str, Fact]) -> list[Sentence]:
    """Say by which types money moved, and what came from and went to the outside."""
    names = {f"t{place}": fact for place, fact in enumerate(types.values())}
    nouns = ["transfer of another type|transfers of another type" if one == "other" else one
             for one in types]  # fmt: skip
    listed = [f"{{t{place}:{noun}}}" for place, noun in enumerate(nouns)]
    text = listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"
    lines = tell.line(f"by type, the data list {text}.", **names) if names else []
    for way, verb, to, none in (
        ("in", "received", "from", "came from"), ("out", "sent", "to", "went to")
    ):  # fmt: skip
        amount, n = tell.one(f"outside.{way}_amount"), tell.one(f"outside.{way}_accounts")
        if tell.number(f"outside.{way}_amount"):
            lines += tell.line(
                f"while the ring lasted, its accounts {verb} {{amount}} {to} {{n:account}} "
                "outside of it.",
                amount=amount, n=n,
            )  # fmt: skip
        elif amount is not None:
            text = f"while the ring lasted, no money {none} accounts outside of it."
            lines += tell.line(text, cites=n)
    return lines


def how(tell: Teller) -> list[Sentence]:
    """Tell the way of the money, how much was passed on, and how soon."""
    lines = tell.line("the money went from {path}.", path=tell.one("ring.path"))
    lines += tell.line(
        "the latest of these transfers is {share} of the earliest.", share=tell.one("path.share")
    )
    n, share, wait = (tell.one(f"passed.{key}") for key in ("accounts", "share", "duration"))
    shown = {"n": n, "share": share}
    if n is not None and n.value == 1:
        text = "{n} account passed on {share} of what it got"
    else:
        text = "{n} accounts passed on what they got, at the median {share} of it"
    if tell.number("passed.duration"):
        return lines + tell.line(f"{text}, after {{wait}}.", **shown, wait=wait)
    return lines + tell.line(f"{text}, at the same time.", **shown)
