"""What is remembered of an account: enough to make the features of its next transaction.

A profile is a pure value. Counts and sums are exact. Of the last hours, the longest look-back
window, it keeps one bucket a second in which something happened, at most ``MAX_RECENT`` a side: an
account busier than that has its oldest half merged pairwise, so a window may start up to one
merged pair late. Counterparties are kept with their counts, at most ``MAX_MET`` a side, the first
ones; the pair count of a later one is looked up at the other end.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from engine.realtime.transaction import Transaction, account_number

MAX_RECENT = 256
MAX_MET = 512
_MOST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Side:
    """What an account sent, or what it received.

    Attributes
    ----------
    n, cents, distinct
        Transactions, their sum in minor units, and distinct counterparties, of all time.
    last
        Time of the latest one in seconds; only meaningful where ``n`` is positive.
    times, counts, sums
        Buckets of the last hours: seconds (ascending), transactions, minor units.
    met
        Number of a counterparty to how often.
    is_full
        Whether there are counterparties that ``met`` lacks.
    """

    n: int = 0
    cents: int = 0
    distinct: int = 0
    last: int = 0
    times: tuple[int, ...] = ()
    counts: tuple[int, ...] = ()
    sums: tuple[int, ...] = ()
    met: Mapping[int, int] = field(default_factory=dict)
    is_full: bool = False

    def within(self, now: int, seconds: int) -> tuple[int, int]:
        """Return how many transactions, and minor units, lie at most so long before ``now``."""
        first, end = bisect_left(self.times, now - seconds), bisect_right(self.times, now)
        return sum(self.counts[first:end]), sum(self.sums[first:end])

    def add(self, seconds: int, cents: int, other: int, *, is_new: bool, keep: int) -> Side:
        """Return the side with one more transaction.

        Parameters
        ----------
        other
            Number of the counterparty.
        is_new
            Whether they have never met, where this side cannot tell: ``met`` is full and lacks it.
        keep
            Seconds for which buckets are kept.
        """
        last = max(self.last, seconds) if self.n else seconds
        met, is_full = self.met, self.is_full
        if other in met:
            is_new = False
            met = {**met, other: met[other] + 1}
        elif not is_full:
            is_new, is_full = True, len(met) == MAX_MET
            met = met if is_full else {**met, other: 1}
        times, counts, sums = _with_bucket(self, seconds, cents)
        first = bisect_left(times, last - keep)
        times, counts, sums = compact(times[first:], counts[first:], sums[first:])
        return Side(
            self.n + 1, min(self.cents + cents, _MOST), self.distinct + is_new, last,
            times, counts, sums, met, is_full,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """An account's two sides."""

    out: Side = Side()
    into: Side = Side()

    @property
    def watermark(self) -> int | None:
        """Return the time of the latest transaction it knows of; None where it knows none."""
        known = [side.last for side in (self.out, self.into) if side.n]
        return max(known, default=None)


EMPTY = Profile()


def pair_count(sender: Profile, receiver: Profile, transaction: Transaction) -> int:
    """Return how many transactions of the same sender and receiver came before.

    Exact as long as one of the two ends has met at most ``MAX_MET`` counterparties on this side;
    zero where neither end remembers.
    """
    known = sender.out.met.get(account_number(transaction.receiver))
    if known is None and sender.out.is_full:
        known = receiver.into.met.get(account_number(transaction.sender))
    return known or 0


def sent(profile: Profile, transaction: Transaction, *, is_new: bool, keep: int) -> Profile:
    """Return the sender's profile after a transaction."""
    other = account_number(transaction.receiver)
    seconds, cents = transaction.seconds, transaction.cents
    side = profile.out.add(seconds, cents, other, is_new=is_new, keep=keep)
    return replace(profile, out=side)


def received(profile: Profile, transaction: Transaction, *, is_new: bool, keep: int) -> Profile:
    """Return the receiver's profile after a transaction."""
    other = account_number(transaction.sender)
    seconds, cents = transaction.seconds, transaction.cents
    side = profile.into.add(seconds, cents, other, is_new=is_new, keep=keep)
    return replace(profile, into=side)


def record(
    profiles: Mapping[str, Profile], transaction: Transaction, keep: int
) -> dict[str, Profile]:
    """Return the profiles of both ends after a transaction; an account may pay itself."""
    sender = profiles.get(transaction.sender, EMPTY)
    receiver = profiles.get(transaction.receiver, EMPTY)
    is_new = pair_count(sender, receiver, transaction) == 0
    after = {transaction.sender: sent(sender, transaction, is_new=is_new, keep=keep)}
    receiver = after.get(transaction.receiver, receiver)
    after[transaction.receiver] = received(receiver, transaction, is_new=is_new, keep=keep)
    return after


Ints = tuple[int, ...]


def compact(times: Ints, counts: Ints, sums: Ints) -> tuple[Ints, Ints, Ints]:
    """Merge the oldest half of too many buckets pairwise, until they are few enough.

    A merged bucket has the time of its later half: it is counted a little too long, never lost.
    """
    while len(times) > MAX_RECENT:
        half = len(times) // 4 * 2
        pairs = range(0, half, 2)
        counts = (*(counts[i] + counts[i + 1] for i in pairs), *counts[half:])
        sums = (*(min(sums[i] + sums[i + 1], _MOST) for i in pairs), *sums[half:])
        times = (*times[1:half:2], *times[half:])
    return times, counts, sums


def _with_bucket(side: Side, seconds: int, cents: int) -> tuple[Ints, Ints, Ints]:
    times, counts, sums = side.times, side.counts, side.sums
    place = bisect_left(times, seconds)
    if place < len(times) and times[place] == seconds:
        more = (counts[place] + 1,), (min(sums[place] + cents, _MOST),)
        after = place + 1
    else:
        more, after = ((1,), (cents,)), place
        times = (*times[:place], seconds, *times[place:])
    return (
        times,
        (*counts[:place], *more[0], *counts[after:]),
        (*sums[:place], *more[1], *sums[after:]),
    )
