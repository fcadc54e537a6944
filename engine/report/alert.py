"""The report of an alert as blocks, in the order in which an investigator reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine import formats as fmt
from engine.alerts.reasons import MAX_TX_IDS
from engine.report import alert_evidence, alert_file, alert_narrative, alert_picture, words
from engine.report.blocks import Block, Run, box, column, heading, pairs, table, title
from engine.report.content import Content
from engine.report.coverage import name, printable
from engine.risk_bands import band_of


def alert_report(content: Content) -> dict[str, Any]:
    """Return the report as plain data for the layout."""
    report_id, shown = printable(content.report_id), printable(content.evidence.alert.title, 140)
    return {
        "title": f"Alert report {report_id}",
        "about": shown,
        "authors": [printable(content.author)] if content.author else [],
        "head": f"Alert report {report_id}",
        "foot": f"Facts SHA-256 {content.narrative.ledger_sha256[:16]}…",
        "classification": printable(content.classification),
        "blocks": list(_blocks(content)),
    }


def _blocks(content: Content) -> Iterator[Block]:
    yield title(f"Alert {_name(content)}: {printable(content.evidence.alert.title, 140)}")
    yield _strip(content)
    yield heading("Summary")
    yield box(_summary(content))
    yield from _reasons(content)
    yield from alert_picture.picture(content)
    yield from alert_evidence.members(content)
    yield from alert_evidence.timeline(content)
    yield from alert_evidence.money(content)
    yield from alert_evidence.lookalikes(content)
    yield from alert_narrative.narrative(content)
    yield from alert_file.decisions(content)
    yield from alert_file.method(content)
    yield from alert_narrative.facts(content)
    yield from alert_file.parameters(content)
    yield from alert_file.audit(content)
    yield from alert_file.glossary()


def _name(content: Content) -> str:
    return printable(content.case.number if content.case else content.ledger.alert_id)


def _strip(content: Content) -> Block:
    found, case, style = content.evidence, content.case, content.style
    return pairs([
        ("Report", printable(content.report_id)),
        ("As of", fmt.moment(content.made_at, style)),
        ("Run and alert", f"{printable(found.origin.run_id)}, {printable(found.alert.alert_id)}"),
        ("Ring", printable(found.alert.ring_id or "none: a lone transaction")),
        ("Author", printable(content.author)),
        ("Reviewer", printable(content.reviewer)),
        ("Status", printable(case.state) if case else ""),
        ("Assignee", printable(case.assignee) if case else ""),
        ("Due", fmt.moment(case.due, style) if case and case.due else ""),
        ("Data", f"{printable(found.origin.input_name)}, until {_until(content)}"),
        ("Detector", f"engine {found.origin.engine}, settings {found.origin.config_sha256[:12]}"),
        ("Facts", f"SHA-256 {content.narrative.ledger_sha256[:24]}…"),
        ("Input", f"SHA-256 {found.origin.input_sha256[:24]}…"),
    ])  # fmt: skip


def _until(content: Content) -> str:
    return fmt.moment(content.evidence.period[1], content.style)


def _summary(content: Content) -> Iterator[list[Run]]:
    alert, style, currency = content.evidence.alert, content.style, content.ledger.currency
    n = len(content.evidence.members)
    transfers = len(content.evidence.transfers) if alert.ring_id is not None else 1
    yield [{"bold": _what(content)}]
    yield [{"bold": "Accounts "}, fmt.count(n if alert.ring_id else alert.n_accounts)]
    of = "1 transaction" if transfers == 1 else f"{fmt.count(transfers)} transactions"
    yield [{"bold": "Money "}, f"{fmt.amount(alert.amount, currency, style)} in {of}"]
    yield [{"bold": "Period "}, _period(content)]
    yield [{"bold": "Score "}, f"{fmt.score(alert.score)} ({band_of(alert.score)})"]
    decision = content.case.decision if content.case else ""
    yield [{"bold": "Decision "}, printable(decision or "none yet")]


def _what(content: Content) -> str:
    """Return the title of the alert, which begins with the typology."""
    alert = content.evidence.alert
    kind, shown = words.typology(alert.typology), printable(alert.title, 140)
    says_it = shown.replace("-", " ").startswith(kind.replace("-", " "))
    return shown if alert.ring_id is None or says_it else f"{kind}: {shown}"


def _period(content: Content) -> str:
    alert, style = content.evidence.alert, content.style
    if alert.start == alert.end:
        return fmt.moment(alert.start, style)
    lasted = fmt.duration((alert.end - alert.start).total_seconds())
    return f"{fmt.moment(alert.start, style)} to {fmt.moment(alert.end, style)} ({lasted})"


def _reasons(content: Content) -> Iterator[Block]:
    yield heading("Why it was raised")
    rows = [
        [
            printable(reason.code).replace("_", " "), name(reason.text, 400),
            words.number(reason.value), words.number(reason.threshold), _rows(reason.tx_ids),
        ]
        for reason in content.evidence.alert.reasons
    ]  # fmt: skip
    is_long = any(len(reason.tx_ids) > 1 for reason in content.evidence.alert.reasons)
    columns = [
        column("Rule"), column("What was found", 4), column("Value", right=True),
        column("Threshold", right=True), column("Transactions", 3 if is_long else None),
    ]  # fmt: skip
    yield table(columns, rows, "Transactions are named by their row in the input.")


def _rows(tx_ids: tuple[int, ...]) -> str:
    shown = ", ".join(str(tx_id) for tx_id in tx_ids[:6])
    rest = len(tx_ids) - 6
    # Alerts keep so many rows a reason, and no more.
    least = "at least " if len(tx_ids) >= MAX_TX_IDS else ""
    return f"{shown} and {least}{rest} more" if rest > 0 else shown
