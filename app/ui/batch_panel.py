"""The panel of one run on AWS Batch: where its two jobs are, what they log, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from app.ui import account_ids, desk, format
from app.ui.batch_runs import Followed, cancel, follow, log_of, retry
from app.ui.evidence import safe
from app.ui.job_panel import STAGE_TEXT
from app.ui.links import run_links
from app.ui.messages import engine_error
from aws import names
from aws.batch.chain import Chain
from aws.batch.status import CHECKLIST, PATIENCE_SECONDS, Job, why_waiting
from aws.prices import machine
from engine.errors import EngineError
from engine.workbench.run_orders import Order, order_work

_POLL_SECONDS = 2.0
_LOG_HEIGHT = 280
_STEPS: dict[names.Step, tuple[str, tuple[str, ...]]] = {
    "prep": ("Features and scores", ("intake", "features", "scores")),
    "graph": ("Rings and alerts", ("graph", "rings", "alerts")),
}
_BADGES: dict[str, tuple[str, str, str]] = {
    "SUBMITTED": ("Submitted", ":material/schedule:", "gray"),
    "PENDING": ("Waits for the job before it", ":material/hourglass_empty:", "gray"),
    "RUNNABLE": ("Waits for a machine", ":material/hourglass_top:", "orange"),
    "STARTING": ("Starting", ":material/rocket_launch:", "blue"),
    "RUNNING": ("Running", ":material/play_circle:", "blue"),
    "SUCCEEDED": ("Succeeded", ":material/check_circle:", "green"),
    "FAILED": ("Failed", ":material/error:", "red"),
    "CANCELLED": ("Cancelled", ":material/cancel:", "gray"),
}
PROGRESS_TEXT = {
    "waiting": ":gray[:material/hourglass_top:] **Waiting**",
    "running": ":blue[:material/play_circle:] **Running**",
    "done": ":green[:material/check_circle:] **Done**",
    "cancelled": ":gray[:material/cancel:] **Cancelled**",
    "failed": ":red[:material/error:] **Failed**",
}


def batch_panel(followed: Followed) -> None:
    """Show a run on Batch; while it is not over, the panel alone refreshes every two seconds."""
    every = None if followed.is_over else _POLL_SECONDS
    seen = (followed.progress, followed.is_over)
    st.fragment(_panel, run_every=every)(followed.chain.run_id, seen)


def _panel(run_id: str, seen: tuple[str, bool]) -> None:
    try:
        now = follow(run_id)
    except EngineError as error:
        engine_error(error)
        return
    if now is None:
        st.info(f"`{run_id}` has no jobs on AWS Batch; it may have been deleted.")
        return
    if (now.progress, now.is_over) != seen:  # the table above and the picker of runs are to know
        st.rerun()
    with st.container(border=True):
        _head(now)
        _stages(now)
        for column, step in zip(st.columns(2), _STEPS, strict=True):
            with column.container(border=True, height="stretch"):
                _job(now, step)
        _figures(now)
        _log(now)


def _head(now: Followed) -> None:
    row = st.container(horizontal=True, vertical_alignment="center")
    submitted = datetime.fromisoformat(now.chain.submitted)
    attempt = f" · submission {now.chain.attempt}" if now.chain.attempt > 1 else ""
    row.markdown(
        f"{PROGRESS_TEXT[now.progress]} · `{now.chain.run_id}` · submitted "
        f"{format.moment(submitted)}{attempt}"
    )
    if now.progress == "done":
        with st.container(horizontal=True, vertical_alignment="center"):
            run_links(now.chain.run_id)
    may_order = desk.may("run")
    if not now.is_over:
        if may_order and row.button(
            "Cancel", icon=":material/stop_circle:", key="batch_cancel",
            help="Ends both jobs. What is finished stays, and a retry goes on from there.",
        ):  # fmt: skip
            _try("cancel", cancel, now)
    elif may_order and now.needs_retry and row.button(
        "Retry", icon=":material/replay:", key="batch_retry",
        help="Submits both jobs again; finished stages are not computed again.",
    ):  # fmt: skip
        _try("retry", retry, now)
    if now.failure:
        st.code(account_ids.quoting(now.failure), language=None, wrap_lines=True)


def _try(order: Order, action: Callable[[Chain], Any], now: Followed) -> None:
    try:
        desk.write(order_work, order, now.chain.run_id)
        action(now.chain)
    except EngineError as error:
        engine_error(error)
    else:
        st.rerun()


def _stages(now: Followed) -> None:
    done = now.manifest.get("stages") or []
    if now.progress == "done":
        counts = now.manifest.get("counts") or {}
        st.markdown(
            f"{format.count(counts.get('rings'))} rings and {format.count(counts.get('alerts'))} "
            f"alerts in {format.count(counts.get('transactions'))} transactions."
        )
    else:
        stages = [stage for _, part in _STEPS.values() for stage in part if _is_made(now, stage)]
        at = min(len(done), len(stages) - 1)
        what = STAGE_TEXT[stages[at]] if now.progress == "running" else "Not at work"
        st.progress(len(done) / len(stages), text=f"{what} · stage {at + 1} of {len(stages)}")


def _is_made(now: Followed, stage: str) -> bool:
    """Whether the run has a stage: one without accounts has no graph and no rings."""
    return bool(now.manifest.get("has_accounts", True)) or stage not in ("graph", "rings")


def _job(now: Followed, step: names.Step) -> None:
    title, stages = _STEPS[step]
    job = now.job(step)
    st.markdown(f"**{title}**")
    if job is None:
        st.caption("Not submitted yet." if not now.chain.is_complete else "Forgotten by AWS Batch.")
        return
    label, icon, color = _BADGES["CANCELLED" if job.is_cancelled else job.state]
    st.badge(label, icon=icon, color=color)  # type: ignore[arg-type]
    done = {stage["name"]: stage["seconds"] for stage in now.manifest.get("stages") or []}
    finished = [f"{name} {format.duration(done[name])}" for name in stages if name in done]
    facts = [f"machines at work {format.duration(job.seconds_run())}"] if job.attempts else []
    if len(job.attempts) > 1:
        facts.append(f"attempt {len(job.attempts)}")
    st.caption(" · ".join([*facts, *finished]) or "Nothing computed yet.")
    for attempt in job.attempts[:-1]:
        if attempt.reason:
            st.caption(f":orange[:material/replay:] Tried again: {safe(attempt.reason)}")
    _waiting(now, job)


def _waiting(now: Followed, job: Job) -> None:
    before = now.job("prep")
    since = before.stopped if before is not None and before.job_id != job.job_id else None
    why = why_waiting(job, since)
    if not why:
        return
    waited = datetime.now(UTC).timestamp() - max(job.created, since or 0.0)
    if waited < PATIENCE_SECONDS and not why.startswith("AWS says"):
        st.caption(why)
        return
    steps = "".join(f"\n- {step}" for step in CHECKLIST[now.chain.kind])
    st.warning(f"{safe(why)} What it can be:\n{steps}", icon=":material/hourglass_disabled:")


def _figures(now: Followed) -> None:
    seconds, usd = now.took()
    expected = now.chain.expected
    on = machine(now.chain.kind)
    with st.container(horizontal=True):
        st.metric(
            "Expected time", format.duration(expected.seconds if expected else None), border=True,
            help="From submission to the end, with the start of a machine.",
        )  # fmt: skip
        st.metric(
            "Took" if now.is_over else "Time so far", format.duration(now.elapsed()), border=True,
            help=f"Machines have been at work for {format.duration(seconds)} of it, all attempts "
            "of both jobs.",
        )  # fmt: skip
        st.metric("Expected cost", _usd(expected.usd if expected else None), border=True)
        st.metric(
            "Cost" if now.is_over else "Cost so far", _usd(usd if seconds else None), border=True,
            help=f"{on.name}: {on.usd_per_hour:.3f} USD an hour by the {on.source}, with "
            f"{on.start_seconds / 60:.0f} minutes for each start of a machine. The bill has the "
            "last word.",
        )  # fmt: skip


def _log(now: Followed) -> None:
    started = [step for step in _STEPS if (job := now.job(step)) is not None and job.attempts]
    if not started:
        st.caption("The jobs' lines appear here as soon as one runs.")
        return
    # A new key as the second job starts: its log comes into view by itself.
    chosen = st.segmented_control(
        "Log", started, default=started[-1], required=True, key=f"batch_log_{len(started)}",
        format_func=lambda step: f"Log: {_STEPS[step][0].lower()}", label_visibility="collapsed",
    )  # fmt: skip
    job = now.job(chosen or started[-1])
    try:
        lines = log_of(job) if job is not None else []
    except EngineError as error:
        engine_error(error)
        return
    text = "\n".join(f"{line.at:%H:%M:%S}  {line.text}" for line in lines)
    said = account_ids.quoting(text) if text else "Nothing written yet."
    st.code(said, language=None, height=_LOG_HEIGHT, wrap_lines=True)


def _usd(value: float | None) -> str:
    return format.MISSING if value is None else f"{value:.3f} USD"
