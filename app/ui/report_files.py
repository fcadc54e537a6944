"""The files of an alert that leave the app: its report as PDF, and its evidence pack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from app.ui import account_ids, cache, desk, report_case
from app.ui import format as fmt
from app.ui.desk import Errand
from app.ui.export_sheet import live_sheet
from app.ui.narrative_source import AlertText
from engine.explorer.view import Start, View
from engine.formats import Style
from engine.lake import RunPaths
from engine.pack import Contents, Graph, evidence_pack
from engine.report.content import ByPeople, Content
from engine.report.evidence import collect
from engine.report.pdf import alert_pdf
from engine.workbench import audit_extract, case, case_facts, narratives
from engine.workbench.audit_extract import AuditRow
from engine.workbench.downloads import note_download


@dataclass(frozen=True, slots=True)
class Order:
    """What files of an alert are made of, told while its page is drawn.

    A download is made when it is clicked, outside of the session: who asked is in ``errand``.
    """

    errand: Errand
    paths: RunPaths
    run: Mapping[str, Any]
    alert_id: int
    text: AlertText
    style: Style

    def report(self) -> bytes:
        """Make the report; who takes it away is recorded."""
        content, _ = self.content()
        self._note("report as PDF")
        return alert_pdf(content)

    def pack(self) -> bytes:
        """Make the evidence pack; who takes it away is recorded, with its hash."""
        content, rows = self.content()
        made = evidence_pack(self._contents(content, rows))
        self._note(f"evidence pack; its manifest.json has SHA-256 {made.seal}")
        return made.content

    def content(self) -> tuple[Content, tuple[AuditRow, ...]]:
        """Read what the report shows, and the audit of the alert, as who asked may see them."""
        rows = self.errand.read(audit_extract.extract, self.alert_id)
        alert = self.errand.read(case.alert_record, self.alert_id)
        known = self.errand.read(case_facts.case_facts, self.alert_id)
        found = collect(self.paths, self.text.ledger.alert_id)
        content = Content(
            evidence=account_ids.masked(self.paths, found, self.errand.masker),
            ledger=self.text.ledger,
            narrative=self.text.narrative,
            made_at=report_case.changed_at(alert, rows),
            case=report_case.case_of(alert, rows, known),
            by_people=self._by_people(),
            author=report_case.author_of(alert),
            reviewer=report_case.reviewer_of(alert),
            style=self.style,
        )
        return content, rows

    def _by_people(self) -> ByPeople:
        if self.text.kept is None:
            return ByPeople()
        number = self.text.kept.line.narrative_id
        # Read anew: somebody may have accepted it since the page was drawn.
        record = self.errand.read(narratives.read_narrative, number)
        may_read = self.errand.masker is None
        return report_case.by_people(record.edits, record.acceptance, may_read=may_read)

    def _contents(self, content: Content, rows: tuple[AuditRow, ...]) -> Contents:
        assert content.case is not None
        return Contents(
            name=content.case.number,
            report=alert_pdf(content),
            narrative=content.narrative,
            ledger=content.ledger,
            transactions=content.evidence.transfers,
            run=self.run,
            audit=[asdict(row) for row in rows],
            graph=_graph(content),
            has_account_ids=self.errand.masker is None,
        )

    def _note(self, what: str) -> None:
        is_whole = self.errand.masker is None
        self.errand.write(note_download, f"alert {self.alert_id}", what, is_whole)


def order_of(alert_id: int, text: AlertText) -> Order:
    """Return what files of an alert are made of, for who is signed in now."""
    return order_for(desk.errand(), alert_id, text, fmt.current())


def order_for(errand: Errand, alert_id: int, text: AlertText, style: Style) -> Order:
    """Return what files of an alert are made of, for who sent the errand."""
    run_id = text.ledger.run_id
    return Order(errand, cache.lake().run(run_id), cache.manifest(run_id), alert_id, text, style)


def _graph(content: Content) -> Graph | None:
    scene, alert = content.evidence.scene, content.evidence.alert
    if scene is None:
        return None
    accounts = () if alert.ring_id else tuple(scene.nodes["account"])
    view = View(Start(alert.ring_id, accounts))
    sheet = live_sheet(content.ledger.run_id, view, scene, content.ledger.currency)
    return Graph(view, scene, sheet)
