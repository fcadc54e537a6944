"""Somebody who takes Next until nothing is left; imports little, as each process does it anew."""

from __future__ import annotations

from engine.workbench.assignment import assign
from engine.workbench.database import Workbench
from engine.workbench.errors import WorkbenchError
from engine.workbench.permissions import Actor
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.take_next import take_next


def work_through(workbench: Workbench, actor: Actor, taken: list[int] | None = None) -> list[int]:
    """Take Next and keep what is taken, until the queue is empty; return what it was."""
    taken = [] if taken is None else taken
    while (alert_id := workbench.write(take_next, actor, QueueFilter(), taken)) is not None:
        workbench.write(assign, actor, alert_id, 1, actor.login)
        taken.append(alert_id)
    return taken


def work_through_alone(url: str, actor: Actor) -> list[int]:
    """Do so with a workbench of one's own, as another program would."""
    workbench = Workbench.open(url)
    taken: list[int] = []
    while True:
        try:
            work_through(workbench, actor, taken)
        except WorkbenchError:
            # SQLite lets programs in by luck; who is not for five seconds is told to try again.
            continue
        workbench.close()
        return taken
