"""The text of an alert: what was kept of it, else what the program writes at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ui import cache, case_act, desk
from app.ui.desk import Errand
from engine.formats import Style
from engine.lake import RunPaths
from engine.narrative.gather import CaseFacts, gather
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.narrate import narrate_by_template
from engine.narrative.verdict import Narrative
from engine.workbench import case_facts, narratives
from engine.workbench.case_record import AlertRecord
from engine.workbench.masked_ledger import masked_ledger
from engine.workbench.masking import Masker
from engine.workbench.narratives import NarrativeRecord


@dataclass(frozen=True, slots=True)
class AlertText:
    """A narrative with the ledger that bears it out, as whoever looks may see them.

    ``kept`` is what the workbench keeps of it; ``None`` where the program wrote it just now.
    """

    narrative: Narrative
    ledger: Ledger
    kept: NarrativeRecord | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The facts of an alert, and the hash that they have with account ids as they are."""

    ledger: Ledger
    sha256: str


def known(paths: RunPaths, alert_id: str, extra: CaseFacts) -> Known:
    """Gather the facts of an alert of a run."""
    ledger = gather(paths, alert_id, extra)
    return Known(ledger, sha256(ledger))


def template_text(found: Known, style: Style) -> AlertText:
    """Write what the program says of an alert, from facts as whoever looks may see them."""
    written = narrate_by_template(found.ledger, style)
    return AlertText(replace(written, ledger_sha256=found.sha256), found.ledger)


def text_of(alert: AlertRecord, style: Style) -> AlertText:
    """Return the text of an alert as its page shows it."""
    kept = _kept(desk.read(narratives.latest, alert.alert_id), alert)
    return kept if kept is not None else template_text(facts_of(alert), style)


def _kept(record: NarrativeRecord | None, alert: AlertRecord) -> AlertText | None:
    """Return what is kept, unless it is of an older run: its transactions are other ones."""
    if record is None or record.line.run_id != alert.run_id:
        return None
    return AlertText(record.narrative, record.ledger, record)


def facts_of(alert: AlertRecord) -> Known:
    """Return the facts of an alert of the queue, cached until its run is made anew."""
    extra = desk.read(case_facts.case_facts, alert.alert_id)
    return _shown(cache.query(known, alert.run_id, alert.run_alert_id, extra), desk.masker())


def facts_for(errand: Errand, alert: AlertRecord) -> Known:
    """Return the facts of an alert for who sent the errand, outside of their session.

    They are gathered with account ids as they are, and masked as a whole.
    """
    paths = cache.lake().run(alert.run_id)
    extra = replace(errand, masker=None).read(case_facts.case_facts, alert.alert_id)
    return _shown(known(paths, alert.run_alert_id, extra), errand.masker)


def _shown(found: Known, by: Masker | None) -> Known:
    return found if by is None else replace(found, ledger=masked_ledger(by, found.ledger))


def text_for(errand: Errand, alert: AlertRecord, style: Style) -> AlertText:
    """Return the text of an alert for who sent the errand, outside of their session."""
    kept = _kept(errand.read(narratives.latest, alert.alert_id), alert)
    return kept if kept is not None else template_text(facts_for(errand, alert), style)


def kept_number(alert: AlertRecord, text: AlertText, style: Style) -> int:
    """Return the number of a text in the workbench, which keeps it now if it did not."""
    if text.kept is not None:
        return text.kept.line.narrative_id
    whole = replace(desk.errand(), masker=None)
    found = facts_for(whole, alert)
    written = template_text(found, style)
    kept = whole.write(narratives.keep, alert.alert_id, written.ledger, written.narrative)
    case_act.see_own_change(alert.alert_id, kept.version)
    return kept.narrative_id
