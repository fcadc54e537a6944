"""What the thresholds that are tried make of the run in view: figures, charts, gained and lost."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.ui import cache, format, state, theme, threshold_charts
from app.ui.chart_card import card, show_chart
from app.ui.run_settings import in_words
from engine.evaluation.expected import Expected
from engine.label_record import ignores_labels
from engine.query import overview
from engine.query.threshold_alerts import Thresholds
from engine.query.threshold_curve import Team, by_threshold, ring_scores
from engine.query.threshold_effect import Effect, Line, Missed, effect
from engine.query.threshold_judged import Verdicts

_TRUE_HELP = (
    "Of the alerts whose kind and band of scores something is known of, so many are true: by "
    "labels of the input, decisions, and samples from below the line. In brackets the 95 % "
    "interval for a period like this one."
)
_MISSED_HELP = (
    "Money in what is true and raises no alert, of a ring or a lone one. The Model page tells "
    "another sum: what lies below the model's threshold alone, whether a ring's alert holds it or "
    "not."
)
_ASIDE = (
    "The run was told to leave labels of the input aside, and so does this page: estimates rest on "
    "decisions and labelled samples alone."
)


def measure(run_id: str, now: Thresholds, tried: Thresholds, team: Team, said: Verdicts) -> Effect:
    """Return the effect on a run, computed once for the same question."""
    with st.spinner("Working out the alerts under these thresholds"):
        return cache.query(effect, run_id, now, tried, team, said)


def in_short(found: Effect) -> dict[str, Any]:
    """Return an effect in the few figures that a proposal keeps."""
    return {
        "before": found.before.alerts, "after": found.after.alerts,
        "gained": found.n_gained, "lost": found.n_lost,
        "a_day": round(found.after.a_day, 2),
        "true": [found.after.true.true, found.after.true.low, found.after.true.high],
        "missed": [found.after.missed.amount, found.after.missed.low, found.after.missed.high],
        "unknown": found.after.true.unknown,
    }  # fmt: skip


def show_figures(run_id: str, now: Thresholds, found: Effect, team: Team) -> None:
    """Show the figures before and after, side by side."""
    money = cache.query(overview.currency, run_id)
    before, after = found.before, found.after
    rows = [
        ("Alerts", *(_alerts(line) for line in (before, after))),
        ("Alerts a day", *(f"{line.a_day:,.2f}" for line in (before, after))),
        ("Share of the team's time", *(workload(line.a_day / team.a_day)
                                       for line in (before, after))),
        ("True alerts, expected", *(expected(line.true) for line in (before, after))),
        ("Alerts nothing is known of", *(format.count(line.true.unknown)
                                         for line in (before, after))),
        ("True, with time to work them", *(expected(line.worked) for line in (before, after))),
        ("Missed money", *(missed(line.missed, money) for line in (before, after))),
    ]  # fmt: skip
    st.dataframe(
        pd.DataFrame(rows, columns=["What", "In force", "Tried"]),
        hide_index=True, row_height=30, key="bench_figures",
        column_config={"What": st.column_config.TextColumn(width=186)},
        alt="Figures of the run under the thresholds in force and those that are tried",
    )  # fmt: skip
    own = Thresholds.of_run(cache.manifest(run_id))
    if own != now:
        st.caption(f":material/info: The run itself was made with others: {in_words(own)}.")
    if ignores_labels(cache.manifest(run_id)):
        st.caption(f":material/info: {_ASIDE}")
    st.caption(
        f"{_number(found.n_gained, 'alert')} gained, {format.count(found.n_lost)} lost. "
        + basis(after, money),
        help=f"{_TRUE_HELP}\n\n{_MISSED_HELP}",
    )


def show_charts(
    run_id: str, now: Thresholds, tried: Thresholds, team: Team, said: Verdicts
) -> None:
    """Show alerts a day by threshold, and the rings by score."""
    dark = theme.is_dark()
    both = (now.ring_alert_threshold, tried.ring_alert_threshold)
    left, right = st.columns(2, gap="small")
    with card(left, "Alerts a day by ring threshold"):
        counts = cache.query(by_threshold, run_id, tried)
        show_chart(
            threshold_charts.alerts_a_day(counts, team.a_day, *both, dark=dark),
            key="bench_curve", alt="Alerts a day by ring threshold, and the team's time",
        )  # fmt: skip
        if team.a_day > 3 * counts["a_day"].max():
            st.caption("The team has time for more alerts than any threshold raises.")
        if counts["alerts"].diff().max() > 0:
            st.caption(
                "A stricter line can raise more alerts: risky transactions of a ring that is no "
                "alert any more come as lone ones, one alert each."
            )
    with card(right, "Rings by score"):
        bands = cache.query(ring_scores, run_id, said)
        if not bands[["true", "false", "unknown"]].to_numpy().any():
            st.caption("No ring was found in this run.")
            return
        show_chart(
            threshold_charts.rings_by_score(bands, *both, dark=dark),
            key="bench_scores", alt="Rings of the run by score",
        )  # fmt: skip


def show_changes(run_id: str, found: Effect, *, is_same: bool) -> None:
    """List the alerts gained and lost; one that is picked has a link."""
    if not found.n_gained and not found.n_lost:
        st.caption(
            "These are the thresholds in force: move one and press *Show the effect*."
            if is_same
            else "These thresholds raise the very same alerts on this run."
        )
        return
    gained, lost = st.tabs(
        [f"Gained ({format.count(found.n_gained)})", f"Lost ({format.count(found.n_lost)})"]
    )
    for place, alerts, total, name in (
        (gained, found.gained, found.n_gained, "gained"),
        (lost, found.lost, found.n_lost, "lost"),
    ):
        with place:
            _listed(run_id, alerts, total, name)


def workload(share: float) -> str:
    """Write alerts against those the team works, e.g. ``12.5 %`` or ``4.6 × the team's time``."""
    return format.share(share) if share <= 1 else f"{share:,.1f} × the team's time"


def expected(found: Expected) -> str:
    """Write a number of true alerts with its interval, e.g. ``31 of 44 (25–36)``.

    It is one of the alerts of which something is known.
    """
    if found.true is None or found.low is None or found.high is None:
        return "Not known"
    known = found.alerts - found.unknown
    return (
        f"{format.count(round(found.true))} of {format.count(known)} "
        f"({format.count(round(found.low))}–{format.count(round(found.high))})"
    )


def missed(found: Missed, money: str | None) -> str:
    """Write missed money, with its interval or the whole it is a part of."""
    if found.amount is None:
        return "Not known"
    amount = format.compact_amount(found.amount, money)
    if found.basis == "labels":
        return f"{amount} of {format.compact_amount(found.total, money)}"
    low, high = (format.compact_amount(end, money) for end in (found.low, found.high))
    return amount if found.low == found.high else f"{amount} ({low}–{high})"


def basis(line: Line, money: str | None) -> str:
    """Say what the figures rest on, and of what nothing is known."""
    if line.true.true is None:
        said = (
            "Nothing is known of these alerts: decide on some, or label a sample from below the "
            "line."
        )
    else:
        said = (
            f"True alerts are estimated from {_number(line.true.judged, 'finding')} known to be "
            "fraud or not."
        )
        if line.true.unknown:
            said += (
                f" Of {format.count(line.true.unknown)} of the {format.count(line.alerts)} alerts "
                "nothing is known: they are in no estimate."
            )
    if line.missed.basis == "labels":
        rows = "the rows that the model was not taught" if line.missed.is_part else "all rows"
        return f"{said} Missed money: labelled as fraud and in no alert, of {rows}."
    if line.missed.basis == "sample":
        return (
            f"{said} Missed money by a sample of {format.count(line.missed.below)} findings below "
            f"the line; of {format.count(line.missed.unknown)} nothing is known."
        )
    return f"{said} Missed money is not known: no labels and no labelled sample."


def _alerts(line: Line) -> str:
    return (
        f"{format.count(line.alerts)} ({_number(line.rings, 'ring')}, "
        f"{format.count(line.lone)} lone)"
    )


def _number(count: int, what: str) -> str:
    return f"{format.count(count)} {what}{'' if count == 1 else 's'}"


def _listed(run_id: str, alerts: pd.DataFrame, total: int, name: str) -> None:
    if alerts.empty:
        st.caption("None.")
        return
    if total > len(alerts):
        st.caption(f"The {format.count(len(alerts))} with the highest scores.")
    words = {1.0: "Fraud", 0.0: "Not fraud"}
    shown = pd.DataFrame(
        {
            "what": [ring if pd.notna(ring) else f"Row {tx}" for ring, tx in
                     zip(alerts["ring_id"], alerts["tx_id"], strict=True)],
            "typology": [format.typology(one) for one in alerts["typology"]],
            "score": alerts["score"],
            "amount": alerts["amount"],
            "until": format.local(alerts["opened"]),
            "known": [words.get(one, "Not known") for one in alerts["label"]],
        }
    )  # fmt: skip
    event: Any = st.dataframe(
        shown, hide_index=True, row_height=28, key=f"bench_{name}_{len(alerts)}_{total}",
        height=260 if len(shown) > 8 else "content", on_select="rerun",
        selection_mode="single-row", alt=f"Alerts {name}",
        column_config={
            "what": st.column_config.TextColumn("Ring or transaction", width=130),
            "typology": "Typology",
            "score": st.column_config.ProgressColumn(
                "Score", min_value=0, max_value=1, format="%.3f", width=110
            ),
            "amount": st.column_config.NumberColumn("Amount", format="accounting"),
            "until": st.column_config.DatetimeColumn(
                f"Last transaction ({format.zone()})", format="YYYY-MM-DD HH:mm"
            ),
            "known": "Known as",
        },
    )  # fmt: skip
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(alerts) and pd.notna(alerts["ring_id"].iloc[rows[0]]):
        ring = str(alerts["ring_id"].iloc[rows[0]])
        st.page_link(
            state.page_path("rings"), label=f"Look at ring {ring}", icon=":material/hub:",
            query_params={"run": run_id, "ring": ring}, width="content",
        )  # fmt: skip
