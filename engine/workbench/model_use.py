"""What language models answered and cost: the same is not asked twice, and a day has a cap."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.narrative.verdict import Usage
from engine.workbench import clock
from engine.workbench.narrative_models import ModelAnswer, ModelUse
from engine.workbench.permissions import Actor, guarded
from engine.workbench.settings import current

#: US dollars per million tokens in and out that are taken where a model's price is not known: above
#: those of the dearest that may be used, so that the cap holds.
ASSUMED_PRICE = (5.0, 25.0)


@dataclass(frozen=True, slots=True)
class Spending:
    """What models cost since midnight UTC, in US dollars; ``cap_usd`` is the most that they may."""

    cost_usd: float
    cap_usd: float
    uses: int
    is_partly_assumed: bool


@guarded("read")
def spending(session: Session, actor: Actor) -> Spending:
    """Return what models cost today, and the cap."""
    cost, uses = session.execute(
        select(func.sum(ModelUse.cost_usd), func.count()).where(ModelUse.day == _today())
    ).one()
    assumed = session.scalars(
        select(ModelUse.id).where(ModelUse.day == _today(), ModelUse.is_assumed).limit(1)
    ).first()
    cap = current(session).model_usd_per_day
    return Spending(float(cost or 0), cap, int(uses), assumed is not None)


@guarded("work")
def add_use(session: Session, actor: Actor, usage: Usage) -> None:
    """Note what a narrative took, also one that came to nothing."""
    known = usage.cost_usd
    assumed = (usage.input_tokens * ASSUMED_PRICE[0] + usage.output_tokens * ASSUMED_PRICE[1]) / 1e6
    session.add(
        ModelUse(
            day=_today(), model=usage.model, input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens, calls=usage.calls,
            cost_usd=assumed if known is None else known, is_assumed=known is None,
            author_id=actor.user_id, at=clock.now(),
        )
    )  # fmt: skip


@guarded("work")
def kept_answer(session: Session, actor: Actor, key: str) -> str | None:
    """Return what a model answered under a key."""
    found = session.get(ModelAnswer, key)
    return None if found is None else found.answer


@guarded("work")
def keep_answer(session: Session, actor: Actor, key: str, answer: str) -> None:
    """Keep what a model answered, in place of an older answer."""
    session.merge(ModelAnswer(key=key, answer=answer, at=clock.now()))


@dataclass(frozen=True, slots=True)
class ModelBooks:
    """The cache and the spending as who asks a model uses them, a transaction each.

    Attributes
    ----------
    read, write
        Call ``function(session, actor, …)`` for who asks, to read or to change.
    """

    read: Callable[..., Any]
    write: Callable[..., Any]

    def get(self, key: str) -> str | None:
        """Return what was put under a key."""
        answer: str | None = self.read(kept_answer, key)
        return answer

    def put(self, key: str, text: str) -> None:
        """Keep an answer; an older one of the same key is replaced."""
        self.write(keep_answer, key, text)

    def daily_cap(self) -> float:
        """Return the most that may be spent a day, in US dollars."""
        return self._spending().cap_usd

    def spent_today(self) -> float:
        """Return what was spent since midnight UTC, in US dollars."""
        return self._spending().cost_usd

    def add(self, usage: Usage) -> None:
        """Note what a narrative took."""
        self.write(add_use, usage)

    def _spending(self) -> Spending:
        found: Spending = self.read(spending)
        return found


def _today() -> str:
    return clock.now().date().isoformat()
