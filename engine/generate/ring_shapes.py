"""Laundering rings by typology, drawn from the definitions.

Sizes and durations follow AMLSim's and AMLGentex's parameter files and the rings measured in
their outputs (members 4 to 15, 4 to 20 days); three rings in ten are quick, as those of IBM's
HI-Small set, which end within four days. Where money passes through an account, each hop keeps back
a margin of up to 10 % (AMLSim's ``margin_ratio``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.generate.sampling import Floats, Ints
from engine.generate.transfers import draw_amounts

#: Largest share of the money that an account keeps when it passes money on.
MARGIN = 0.1

#: Share of the rings that end within so many days.
_QUICK_SHARE = 0.3
_QUICK_DAYS = 4


@dataclass(frozen=True, slots=True)
class Shape:
    """The transfers of one ring, in time order, between members 0 to ``members - 1``.

    ``day`` counts from the ring's first possible day and never falls; amounts are in currency
    units. Arrays have the shape ``(n_transfers,)``.
    """

    members: int
    sender: Ints
    receiver: Ints
    day: Ints
    amount: Floats


def fan_in(rng: np.random.Generator) -> Shape:
    """Five or more accounts send to one."""
    fan = fan_out(rng)
    return Shape(fan.members, fan.receiver, fan.sender, fan.day, fan.amount)


def fan_out(rng: np.random.Generator) -> Shape:
    """One account sends to five or more."""
    spokes = _between(rng, 5, 13)
    return Shape(
        members=spokes + 1,
        sender=np.zeros(spokes, dtype=np.int64),
        receiver=np.arange(1, spokes + 1),
        day=_days(rng, spokes, 0, _duration(rng, 4, 20)),
        amount=_similar(rng, spokes),
    )


def cycle(rng: np.random.Generator) -> Shape:
    """Money returns to its start over three to ten accounts."""
    length = _between(rng, 3, 10)
    hops = np.arange(length)
    return Shape(
        members=length,
        sender=hops,
        receiver=(hops + 1) % length,
        day=_days(rng, length, 0, _duration(rng, 6, 20)),
        amount=_shrinking(rng, length),
    )


def random(rng: np.random.Generator) -> Shape:
    """Money wanders: it passes through every member once, and then goes on among them.

    It does not come back to its start: that would be a cycle.
    """
    members = _between(rng, 4, 8)
    extra = _between(rng, 0, 6)
    walk = list(range(members))
    for _ in range(extra):
        walk.append(int(rng.choice([member for member in range(1, members) if member != walk[-1]])))
    hops = len(walk) - 1
    return Shape(
        members=members,
        sender=np.array(walk[:-1]),
        receiver=np.array(walk[1:]),
        day=_days(rng, hops, 0, _duration(rng, 6, 20)),
        amount=_shrinking(rng, hops),
    )


def scatter_gather(rng: np.random.Generator) -> Shape:
    """One account sends to three or more, which pass the money on to one other account."""
    middles = _between(rng, 3, 12)
    half, end = _halves(_duration(rng, 6, 20))
    given = _similar(rng, middles)
    back = rng.permutation(middles)
    return Shape(
        members=middles + 2,
        sender=np.concatenate([np.zeros(middles, dtype=np.int64), 1 + back]),
        receiver=np.concatenate([np.arange(1, middles + 1), np.full(middles, middles + 1)]),
        day=np.concatenate([_days(rng, middles, 0, half), _days(rng, middles, half + 1, end)]),
        amount=np.concatenate([given, (given * _retained(rng, middles))[back]]),
    )


def gather_scatter(rng: np.random.Generator) -> Shape:
    """Three or more accounts send to one, which passes the sum on to three or more others."""
    sources, targets = _between(rng, 3, 7), _between(rng, 3, 7)
    half, end = _halves(_duration(rng, 6, 20))
    gathered = _similar(rng, sources)
    passed_on = gathered.sum() * _retained(rng, 1) * _shares(rng, targets)
    hub = sources
    return Shape(
        members=sources + 1 + targets,
        sender=np.concatenate([np.arange(sources), np.full(targets, hub)]),
        receiver=np.concatenate([np.full(sources, hub), hub + 1 + np.arange(targets)]),
        day=np.concatenate([_days(rng, sources, 0, half), _days(rng, targets, half + 1, end)]),
        amount=np.concatenate([gathered, passed_on]),
    )


def bipartite(rng: np.random.Generator) -> Shape:
    """Each of three or more accounts sends to each of three or more others."""
    sources, targets = _between(rng, 3, 6), _between(rng, 3, 6)
    sender, receiver = _all_to_all(rng, np.arange(sources), sources + np.arange(targets))
    return Shape(
        members=sources + targets,
        sender=sender,
        receiver=receiver,
        day=_days(rng, len(sender), 0, _duration(rng, 5, 20)),
        amount=_similar(rng, len(sender)),
    )


def stack(rng: np.random.Generator) -> Shape:
    """Two bipartite layers: each middle account passes on what it received from all sources."""
    sources, middles, targets = (_between(rng, 3, 5) for _ in range(3))
    half, end = _halves(_duration(rng, 5, 20))
    middle = sources + np.arange(middles)
    target = sources + middles + np.arange(targets)
    first_sender, first_receiver = _all_to_all(rng, np.arange(sources), middle)
    last_sender, last_receiver = _all_to_all(rng, middle, target)
    received = _similar(rng, len(first_sender))
    sums = np.bincount(first_receiver - sources, weights=received)
    passed_on = (sums * _retained(rng, middles))[:, None] * _shares(rng, (middles, targets))
    return Shape(
        members=sources + middles + targets,
        sender=np.concatenate([first_sender, last_sender]),
        receiver=np.concatenate([first_receiver, last_receiver]),
        day=np.concatenate(
            [
                _days(rng, len(first_sender), 0, half),
                _days(rng, len(last_sender), half + 1, end),
            ]
        ),
        amount=np.concatenate(
            [received, passed_on[last_sender - sources, last_receiver - sources - middles]]
        ),
    )


#: The typologies planted, in turn.
TYPOLOGIES: dict[str, Callable[[np.random.Generator], Shape]] = {
    "fan_in": fan_in,
    "fan_out": fan_out,
    "cycle": cycle,
    "scatter_gather": scatter_gather,
    "gather_scatter": gather_scatter,
    "bipartite": bipartite,
    "stack": stack,
    "random": random,
}


def _between(rng: np.random.Generator, low: int, high: int) -> int:
    return int(rng.integers(low, high, endpoint=True))


def _duration(rng: np.random.Generator, low: int, high: int) -> int:
    """Draw the last day of a ring; some rings are quicker than ``low``."""
    if rng.random() < _QUICK_SHARE:
        return _between(rng, 1, _QUICK_DAYS)
    return _between(rng, low, high)


def _days(rng: np.random.Generator, count: int, first: int, last: int) -> Ints:
    return np.sort(rng.integers(first, last, count, endpoint=True))


def _halves(duration: int) -> tuple[int, int]:
    """Return the last day of the first half, and the last day."""
    return duration // 2, duration


def _similar(rng: np.random.Generator, count: int) -> Floats:
    """Draw amounts of one size."""
    return draw_amounts(rng, 1) * rng.uniform(0.8, 1.2, count)


def _shrinking(rng: np.random.Generator, hops: int) -> Floats:
    """Draw the amounts of successive hops, each smaller by a margin."""
    return draw_amounts(rng, 1) * np.cumprod(_retained(rng, hops))


def _retained(rng: np.random.Generator, count: int) -> Floats:
    return 1.0 - rng.uniform(0.0, MARGIN, count)


def _shares(rng: np.random.Generator, shape: int | tuple[int, int]) -> Floats:
    """Draw uneven shares that sum to one over the last axis."""
    parts = rng.uniform(0.7, 1.3, shape)
    shares: Floats = parts / parts.sum(axis=-1, keepdims=True)
    return shares


def _all_to_all(rng: np.random.Generator, left: Ints, right: Ints) -> tuple[Ints, Ints]:
    """Return every pair, in random order."""
    order = rng.permutation(len(left) * len(right))
    return np.repeat(left, len(right))[order], np.tile(right, len(left))[order]
