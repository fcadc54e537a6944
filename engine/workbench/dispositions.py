"""Dispositions: how an alert may end, for which reasons, and what else each of them asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.errors import InputError

#: The reason that is named only in the comment.
OTHER = "other"

#: Longest comment, in characters.
MAX_COMMENT = 10_000


@dataclass(frozen=True, slots=True)
class Disposition:
    """How an alert may end.

    Attributes
    ----------
    name
        As the database keeps it.
    words, meaning
        Its name for people, and when to choose it, a sentence.
    reasons
        Words of each reason code, in the order in which they are offered.
    needs_approval
        Whether another person must agree before it counts.
    needs_comment
        Whether a comment is asked for whatever the reason; ``other`` always asks for one.
    label
        What its transactions teach a later run: 1 fraud or laundering, 0 clean, ``None`` nothing.
    """

    name: str
    words: str
    meaning: str
    reasons: Mapping[str, str]
    needs_approval: bool
    needs_comment: bool
    label: int | None


_CONFIRMED_FRAUD = Disposition(
    name="confirmed_fraud",
    words="Confirmed fraud",
    meaning="The victim, the bank or a court has confirmed that money was taken by deceit.",
    reasons={
        "victim_confirmed": "The payer says that it was not theirs, or that they were deceived",
        "account_takeover": "Somebody else had taken over the account",
        "payment_scam": "The payer was talked into paying",
        "mule_account": "The account was lent or opened to move others' money",
        "false_identity": "The account holder's identity is stolen or made up",
        OTHER: "Another reason (say which)",
    },
    needs_approval=False,
    needs_comment=True,
    label=1,
)

_SUSPICIOUS_REPORTED = Disposition(
    name="suspicious_reported",
    words="Suspicious, reported",
    meaning="It is suspicious and goes to the financial intelligence unit; a second person agrees.",
    reasons={
        "layering": "Money is moved through accounts with no purpose but to hide its path",
        "structuring": "Payments are split to stay below a reporting threshold",
        "circular_flow": "Money comes back to where it started",
        "mule_network": "Accounts pass on others' money in concert",
        "source_of_funds": "The source of the money is unknown or does not fit the customer",
        OTHER: "Another reason (say which)",
    },
    needs_approval=True,
    needs_comment=True,
    label=1,
)

_SUSPICIOUS_NOT_REPORTABLE = Disposition(
    name="suspicious_not_reportable",
    words="Suspicious, not reportable",
    meaning="It is suspicious, but no report is due on it.",
    reasons={
        "below_threshold": "The amount is below the threshold of a report",
        "already_reported": "An earlier report covers it",
        "elsewhere": "Another institution or country has to report it",
        "attempt_only": "Nothing was paid in the end",
        OTHER: "Another reason (say which)",
    },
    needs_approval=False,
    needs_comment=True,
    label=1,
)

_FALSE_POSITIVE = Disposition(
    name="false_positive",
    words="False positive",
    meaning="There is an innocent explanation.",
    reasons={
        "payroll": "Wages or pensions",
        "merchant": "A shop and its customers",
        "own_accounts": "Accounts of the same person or company",
        "rent_or_utility": "Rent, electricity, water, telephone",
        "marketplace": "A marketplace or payment service between buyers and sellers",
        "shared_bill": "A bill that several people share",
        "known_business": "A known business of the customer",
        "data_error": "The data are wrong",
        OTHER: "Another reason (say which)",
    },
    needs_approval=False,
    needs_comment=False,
    label=0,
)

_INCONCLUSIVE = Disposition(
    name="inconclusive",
    words="Inconclusive",
    meaning="What can be known does not decide it either way.",
    reasons={
        "missing_data": "Data that would decide it cannot be had",
        "no_answer": "The customer or the other bank has not answered",
        "mixed_evidence": "What speaks for it and against it weighs the same",
        OTHER: "Another reason (say which)",
    },
    needs_approval=False,
    needs_comment=False,
    label=None,
)

_DUPLICATE = Disposition(
    name="duplicate",
    words="Duplicate",
    meaning="Another alert holds the same activity.",
    reasons={
        "same_activity": "Another alert shows the same transactions",
        "same_accounts": "Another alert is on the same accounts and period",
        "merged": "A later run found it to be one ring with another alert",
        OTHER: "Another reason (say which)",
    },
    needs_approval=False,
    needs_comment=False,
    label=None,
)

#: All dispositions by name, in the order in which they are offered.
DISPOSITIONS: Mapping[str, Disposition] = {
    each.name: each
    for each in (
        _CONFIRMED_FRAUD, _SUSPICIOUS_REPORTED, _SUSPICIOUS_NOT_REPORTABLE, _FALSE_POSITIVE,
        _INCONCLUSIVE, _DUPLICATE,
    )
}  # fmt: skip


def check(disposition: str, reason_code: str, comment: str) -> Disposition:
    """Return the disposition of a name if its reason and comment are complete.

    Raises
    ------
    InputError
        If there is no such disposition or reason, or a comment is missing or too long; it says
        what is asked for.
    """
    chosen = DISPOSITIONS.get(disposition)
    if chosen is None:
        known = ", ".join(DISPOSITIONS)
        raise InputError(f"there is no disposition {disposition!r}; it is one of {known}")
    check_reason(chosen, reason_code, comment)
    return chosen


def check_reason(
    disposition: Disposition, reason_code: str, comment: str, of: str | None = None
) -> None:
    """Refuse a reason that the disposition does not have, or a comment that it asks for.

    Parameters
    ----------
    disposition, reason_code, comment
        As they were chosen and written.
    of
        What is refused, for people; by default the disposition.

    Raises
    ------
    InputError
        As :func:`check`.
    """
    name = of or disposition.words
    if not reason_code:
        raise InputError(f"{name}: choose a reason, {_one_of(disposition.reasons)}")
    if reason_code not in disposition.reasons:
        raise InputError(
            f"{name} has no reason {reason_code!r}; choose {_one_of(disposition.reasons)}"
        )
    if not comment.strip() and disposition.needs_comment:
        raise InputError(f"{name}: write a comment that says what it rests on")
    if not comment.strip() and reason_code == OTHER:
        raise InputError(f"{name}: write a comment that names the other reason")
    if len(comment) > MAX_COMMENT:
        raise InputError(
            f"{name}: the comment has {len(comment):,} characters; {MAX_COMMENT:,} fit, "
            "put the rest into notes"
        )


def _one_of(reasons: Mapping[str, str]) -> str:
    *others, last = (f"“{words}”" for words in reasons.values())
    return f"{', '.join(others)} or {last}"
