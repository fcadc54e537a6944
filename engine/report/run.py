"""The summary of a run as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from engine import formats as fmt
from engine.report import figure_parts, words
from engine.report.blocks import (
    Block,
    box,
    bullets,
    column,
    heading,
    pairs,
    quiet,
    table,
    title,
)  # fmt: skip
from engine.report.blocks import (
    figure as drawn,
)
from engine.report.content import RunContent
from engine.report.coverage import name, printable


def run_report(content: RunContent) -> dict[str, Any]:
    """Return the summary as plain data for the layout."""
    run_id = printable(content.manifest["run_id"])
    return {
        "title": f"Run {run_id}",
        "about": f"What the run of {printable(content.manifest['input']['name'])} found",
        "authors": [printable(content.author)] if content.author else [],
        "head": f"Run summary {run_id}",
        "foot": f"Input SHA-256 {str(content.manifest['input']['sha256'])[:16]}…",
        "classification": printable(content.classification),
        "blocks": list(_blocks(content)),
    }


def _blocks(content: RunContent) -> Iterator[Block]:
    manifest = content.manifest
    yield title(f"Summary of run {printable(manifest['run_id'])}")
    yield _strip(content)
    yield heading("Summary")
    yield box([[line] for line in _summary(content)])
    yield from _over_time(content)
    yield from _found(content)
    yield from _worst(content)
    yield from _made(content)


def _strip(content: RunContent) -> Block:
    manifest = content.manifest
    source, engine = manifest["input"], manifest["engine"]
    return pairs([
        ("As of", fmt.moment(content.made_at, content.style)),
        ("Author", printable(content.author)),
        ("Input", printable(source["name"])),
        ("Input SHA-256", name(source["sha256"], 80)),
        ("Begun", fmt.moment(manifest.get("started"), content.style)),
        ("Ended", fmt.moment(manifest.get("finished"), content.style)),
        ("Engine", f"{engine['kind']}, {printable(engine.get('device', ''))}"),
        ("Time", fmt.duration(manifest.get("seconds"))),
    ])  # fmt: skip


def _summary(content: RunContent) -> Iterator[str]:
    counts, source = content.manifest.get("counts") or {}, content.manifest["input"]
    yield (
        f"{fmt.count(source['rows'])} rows read, {fmt.count(source['rejected'])} rejected; "
        f"{fmt.count(counts.get('accounts'))} accounts."
    )
    yield f"{fmt.count(counts.get('rings'))} rings, {fmt.count(counts.get('alerts'))} alerts."
    metrics = content.manifest.get("metrics") or {}
    told = ", ".join(
        f"{key.replace('_', ' ')} {value:.3f}"
        for key, value in sorted(metrics.items())
        if isinstance(value, float)
    )
    yield f"Model on its test period: {told}." if told else "No model was trained."


def _over_time(content: RunContent) -> Iterator[Block]:
    days = content.days
    if len(days) < 2:
        return
    yield heading("Over time")
    ends = [fmt.date(days["time"].iloc[at]) for at in (0, len(days) // 2, -1)]
    most = fmt.count(float(days["transactions"].max()))
    said = f"Transactions over time; the highest bar is {most}."
    yield drawn(figure_parts.bars(days, "transactions", ends), said, said)


def _found(content: RunContent) -> Iterator[Block]:
    yield heading("What was found")
    columns = [column("Range of score"), column("Alerts", right=True)]
    rows = [
        [str(row["band"]), fmt.count(row["alerts"])] for row in content.bands.to_dict("records")
    ]
    yield table(columns, rows)
    columns = [
        column("Typology of rings"), column("Alerts", right=True),
        column("Amount", right=True), column("Highest score", right=True),
    ]  # fmt: skip
    yield table(columns, [
        [words.typology(str(row["typology"])), fmt.count(row["alerts"]),
         fmt.compact_amount(row["amount"], content.currency, content.style),
         fmt.score(row["score"])]
        for row in content.typologies.to_dict("records")
    ])  # fmt: skip


def _worst(content: RunContent) -> Iterator[Block]:
    yield heading("Worst alerts")
    if content.alerts.empty:
        yield quiet("The run raised no alert.")
        return
    columns = [
        column("Alert"), column("What", 5), column("Score", right=True),
        column("Amount", right=True), column("Accounts", right=True), column("Last transaction"),
    ]  # fmt: skip
    yield table(columns, [
        [printable(row["alert_id"]), name(row["title"], 160), fmt.score(row["score"]),
         fmt.compact_amount(row["amount"], content.currency, content.style),
         fmt.count(row["n_accounts"]), _date(row["opened"], content)]
        for row in content.alerts.to_dict("records")
    ], size=7.5)  # fmt: skip


def _date(moment: Any, content: RunContent) -> str:
    return fmt.MISSING if pd.isna(moment) else fmt.date(moment, content.style)


def _made(content: RunContent) -> Iterator[Block]:
    manifest = content.manifest
    yield heading("How it was made")
    columns = [
        column("Stage"), column("Rows", right=True), column("Time", right=True),
        column("Peak memory", right=True),
    ]  # fmt: skip
    yield table(columns, [
        [printable(stage["name"]), fmt.count(stage["rows"]), fmt.duration(stage["seconds"]),
         f"{stage['peak_rss_mb']:,.0f} MB"]
        for stage in manifest["stages"]
    ])  # fmt: skip
    versions = (manifest["engine"].get("versions") or {}).items()
    shown = ", ".join(f"{key} {one}" for key, one in sorted(versions))
    yield quiet(f"Versions: {printable(shown)}.")
    if manifest.get("notes"):
        yield bullets([[words.sentence(note)] for note in manifest["notes"]])
