"""Samples from below the line, what people say of them, and all verdicts on a run's findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import pandas as pd
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.query.threshold_alerts import Thresholds
from engine.query.threshold_judged import Verdicts
from engine.query.threshold_sample import Sample
from engine.workbench import audit, clock
from engine.workbench.dispositions import DISPOSITIONS
from engine.workbench.errors import NotFoundError
from engine.workbench.models import Decision, Evidence, User
from engine.workbench.permissions import Actor, guarded
from engine.workbench.threshold_models import LineItem, LineSample

#: Columns of :func:`sample_items` with their dtypes.
COLUMNS = {
    "item": "int64",
    "ring_id": "string",
    "tx_id": "Int64",
    "stratum": "string",
    "score": "float64",
    "amount": "float64",
    "label": "Int64",
    "labelled_by": "string",
    "labelled_at": "datetime64[us, UTC]",
}


@dataclass(frozen=True, slots=True)
class LineSampleLine:
    """A sample in a list: how it was drawn, and how many of its items have a label."""

    sample_id: int
    seed: int
    threshold: float
    items: int
    labelled: int
    drawn_by: str
    drawn_at: datetime


@guarded("work")
def keep_sample(
    session: Session,
    actor: Actor,
    run_id: str,
    made: str,
    thresholds: Thresholds,
    seed: int,
    drawn: Sample,
) -> int:
    """Keep a sample that was drawn of one making of a run; return its number."""
    sample = LineSample(
        run_id=run_id, made=made, thresholds=asdict(thresholds), seed=seed, sizes=drawn.sizes,
        drawn_by_id=actor.user_id, drawn_at=clock.now(),
    )  # fmt: skip
    session.add(sample)
    session.flush()
    session.add_all(
        LineItem(
            sample_id=sample.id, position=position, stratum=str(stratum),
            ring_id=None if pd.isna(ring_id) else str(ring_id),
            tx_id=None if pd.isna(tx_id) else int(tx_id),
            score=float(score), amount=float(amount),
        )
        for position, (stratum, ring_id, tx_id, score, amount) in enumerate(
            drawn.items.itertuples(index=False, name=None)
        )
    )  # fmt: skip
    session.flush()
    told = {"seed": seed, "items": len(drawn.items), "line": asdict(thresholds)}
    audit.append(session, actor.login, "draw_sample", f"run {run_id}", None, told)
    return sample.id


@guarded("read")
def list_samples(session: Session, actor: Actor, run_id: str, made: str) -> list[LineSampleLine]:
    """Return the samples of one making of a run, the latest first."""
    counts = (
        select(LineItem.sample_id, func.count().label("n_items"),
               func.count(LineItem.label).label("n_labelled"))
        .group_by(LineItem.sample_id)
        .subquery()
    )  # fmt: skip
    wanted = (
        select(LineSample, User.name, counts.c.n_items, counts.c.n_labelled)
        .join(User, User.id == LineSample.drawn_by_id)
        .join(counts, counts.c.sample_id == LineSample.id)
        .where(LineSample.run_id == run_id, LineSample.made == made)
        .order_by(LineSample.id.desc())
    )
    return [
        LineSampleLine(
            one.id, one.seed, one.thresholds["ring_alert_threshold"], items, labelled, name,
            one.drawn_at,
        )
        for one, name, items, labelled in session.execute(wanted)
    ]  # fmt: skip


@guarded("read")
def sample_items(session: Session, actor: Actor, sample_id: int) -> pd.DataFrame:
    """Return the items of a sample in their random order; columns as :data:`COLUMNS`."""
    wanted = (
        select(LineItem, User.name)
        .join(User, User.id == LineItem.labelled_by_id, isouter=True)
        .where(LineItem.sample_id == sample_id)
        .order_by(LineItem.position)
    )
    rows = [
        (one.id, one.ring_id, one.tx_id, one.stratum, one.score, one.amount, one.label, name,
         one.labelled_at)
        for one, name in session.execute(wanted)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


@guarded("work")
def label_item(session: Session, actor: Actor, item_id: int, label: int | None) -> None:
    """Say of an item whether it is true (1), not (0), or leave it open again (``None``).

    Raises
    ------
    NotFoundError
        If there is no such item.
    InputError
        If the label is none of these.
    """
    if label not in (0, 1, None):
        raise InputError(f"a label is 1, 0 or none, not {label!r}")
    item = session.get(LineItem, item_id, with_for_update=True)
    if item is None:
        raise NotFoundError(f"there is no item {item_id} in a sample")
    before = item.label
    if before == label:
        return
    item.label = label
    item.labelled_by_id = None if label is None else actor.user_id
    item.labelled_at = None if label is None else clock.now()
    session.flush()
    what = {"ring": item.ring_id, "transaction": item.tx_id}
    audit.append(
        session, actor.login, "label_sample", f"sample {item.sample_id}",
        what | {"label": before}, what | {"label": label},
    )  # fmt: skip


@guarded("read")
def verdicts(session: Session, actor: Actor, run_id: str, made: str) -> Verdicts:
    """Return what people said of the rings and transactions of one making of a run.

    Of alerts the last decision in force counts, of samples the label given last; a decision stands
    over a label.
    """
    rings: dict[str, int] = {}
    transactions: dict[int, int] = {}
    for ring_id, tx_id, label in (
        *_labels(session, run_id, made),
        *_decisions(session, run_id, made),
    ):
        if ring_id is not None:
            rings[ring_id] = label
        elif tx_id is not None:
            transactions[tx_id] = label
    return Verdicts(rings, transactions)


def _labels(
    session: Session, run_id: str, made: str
) -> Sequence[tuple[str | None, int | None, int]]:
    wanted = (
        select(LineItem.ring_id, LineItem.tx_id, LineItem.label)
        .join(LineSample, LineSample.id == LineItem.sample_id)
        .where(LineSample.run_id == run_id, LineSample.made == made, LineItem.label.is_not(None))
        .order_by(LineItem.labelled_at, LineItem.id)
    )
    return [(ring_id, tx_id, int(label or 0)) for ring_id, tx_id, label in session.execute(wanted)]


def _decisions(
    session: Session, run_id: str, made: str
) -> Sequence[tuple[str | None, int | None, int]]:
    wanted = (
        select(Evidence.ring_id, Evidence.tx_id, Decision.disposition)
        .join(Decision, Decision.alert_id == Evidence.alert_id)
        .where(
            Evidence.run_id == run_id, Evidence.made == made,
            Decision.approval.in_(("not_needed", "approved")),
        )
        .order_by(Decision.id)
    )  # fmt: skip
    found = []
    for ring_id, tx_id, disposition in session.execute(wanted):
        label = DISPOSITIONS[disposition].label
        if label is not None:
            found.append((ring_id, tx_id, label))
    return found
