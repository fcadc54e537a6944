"""What people do with runs: allowed or not below the pages, and kept in the audit.

An order is recorded before it is carried out, outside of any transaction that the work would hold:
what became of it the run itself tells.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy.orm import Session

from engine.workbench import audit
from engine.workbench.permissions import Actor, guarded

Order = Literal["start", "resume", "retry", "cancel"]


@guarded("run")
def order_work(
    session: Session, actor: Actor, order: Order, run_id: str, about: Any = None
) -> None:
    """Record that somebody starts a run, goes on with it, or ends it.

    ``about`` says how it is made: what can be written as JSON.
    """
    audit.append(session, actor.login, order, f"run {run_id}", None, about)


@guarded("run")
def order_publishing(session: Session, actor: Actor, run_id: str) -> None:
    """Record that somebody lets a run score single transactions from now on."""
    audit.append(session, actor.login, "publish", f"run {run_id}")


@guarded("work")
def order_recorded_scoring(
    session: Session, actor: Actor, sender: str, receiver: str, amount: float | None
) -> None:
    """Record that somebody has a transaction scored that both accounts' profiles take in."""
    about = {"sender": sender, "receiver": receiver, "amount": amount}
    audit.append(session, actor.login, "score", "scorer", None, about)


@guarded("read")
def check_scoring(session: Session, actor: Actor) -> None:
    """Let who may read try out how risky a transaction would be; nothing is kept of it."""


@guarded("train_on_decisions")
def order_training(
    session: Session, actor: Actor, run_id: str, file: str, positives: int, negatives: int
) -> None:
    """Record that a run learns from people's decisions: in which file, and how many of each."""
    about = {"decisions": file, "positives": positives, "negatives": negatives}
    audit.append(session, actor.login, "teach", f"run {run_id}", None, about)


@guarded("delete_run")
def order_deletion(session: Session, actor: Actor, run_id: str) -> None:
    """Record that somebody deletes a run's results."""
    audit.append(session, actor.login, "delete", f"run {run_id}")
