"""The ring benchmark as Markdown: a table of methods and one of typologies for each set."""

from __future__ import annotations

from typing import Any

from engine.evaluation.ring_metrics import f1_of

_HEADER = (
    "| method | rings true/said | recall | precision | **F1** at 0.5 (95 %) | F1 at 0.3 "
    "| transaction F1 | seconds | peak MB |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
)
_BLANK = "–"


def to_markdown(report: dict[str, Any]) -> str:
    """Write the report of ``bench_rings`` for people."""
    where = report["machine"]
    lines = [
        f"Ring figures at a Jaccard overlap of 0.5; {where['cores']} cores, "
        f"{where['memory_gb']:.0f} GB, Python {where['python']}.",
    ]
    for name, given in report["sets"].items():
        lines += ["", f"### {name}: {given['rows']:,} transactions, {given['rings']:,} rings"]
        results = given["results"]
        for mode in dict.fromkeys(result["mode"] for result in results):
            of_mode = [result for result in results if result["mode"] == mode]
            lines += ["", f"**{mode}**", "", *_HEADER, *map(_method_row, of_mode)]
        lines += _mean_of_windows(results)
        lines += _notes(results)
        lines += ["", *_typology_table([r for r in results if "judged_on" in r])]
    return "\n".join(lines)


def _method_row(result: dict[str, Any]) -> str:
    """Write one method; a peer that gave no answer has its note alone."""
    if "rings" not in result:
        return f"| {result['method']} | {result['note']} |" + f" {_BLANK} |" * 7
    main = result["rings"]["0.5"]
    cells = [
        f"{main['true']:,}/{main['predicted']:,}",
        _interval(main, "ring_recall"),
        _interval(main, "ring_precision"),
        f"**{_number(main['ring_f1'])}**{_range(main['intervals']['ring_f1'])}",
        _number(result["rings"]["0.3"]["ring_f1"]),
        _number(transaction_f1(result)),
        f"{result['seconds']:,.0f}",
        f"{result['peak_rss_mb']:,.0f}",
    ]
    return f"| {result['method']} | " + " | ".join(cells) + " |"


def transaction_f1(result: dict[str, Any]) -> float | None:
    """Return the F1 of the transaction model on the test rows, where there is one."""
    figures = result["transactions"]
    return f1_of(figures.get("precision"), figures.get("recall"))


def _mean_of_windows(results: list[dict[str, Any]]) -> list[str]:
    """Write the mean of our figures over the time windows."""
    windows = [r for r in results if r.get("judged_on", "all rings") != "all rings"]
    if len(windows) < 2:
        return []
    names = ("ring_recall", "ring_precision", "ring_f1")
    values = {name: [r[name] for r in windows] for name in names}
    values["transaction F1"] = [transaction_f1(r) for r in windows]
    parts = [
        f"{name.removeprefix('ring_').replace('f1', 'F1')} {_number(_mean(found))} "
        f"({' and '.join(map(_number, found))})"
        for name, found in values.items()
    ]
    return ["", f"{windows[0]['method']}, mean of the time windows: {', '.join(parts)}."]


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) else None


def _notes(results: list[dict[str, Any]]) -> list[str]:
    notes = [f"{r['method']} ({r['mode']}): {r['note']}." for r in results if r.get("note")]
    return ["", *(f"- {note}" for note in notes)] if notes else []


def _typology_table(ours: list[dict[str, Any]]) -> list[str]:
    """Write recall and precision by typology, two columns a mode."""
    if not ours:
        return []
    names = sorted({name for r in ours for name in r["by_typology"]["0.5"]})
    head = " | ".join(f"{r['mode']}: recall | precision" for r in ours)
    lines = [f"| typology | {head} |", "| --- |" + " ---: | ---: |" * len(ours)]
    for name in names:
        cells = []
        for result in ours:
            row = result["by_typology"]["0.5"].get(name, {})
            cells.append(_counted(row, "ring_recall", "found", "true"))
            cells.append(_counted(row, "ring_precision", "correct", "predicted"))
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return lines


def _counted(row: dict[str, Any], rate: str, part: str, whole: str) -> str:
    if not row.get(whole):
        return _BLANK
    return f"{row[rate]:.2f} ({row[part]}/{row[whole]})"


def _interval(figures: dict[str, Any], name: str) -> str:
    return _number(figures[name]) + _range(figures["intervals"][name])


def _range(interval: list[float] | None) -> str:
    return "" if interval is None else f" ({interval[0]:.2f}–{interval[1]:.2f})"


def _number(value: float | None) -> str:
    return _BLANK if value is None else f"{value:.3f}"
