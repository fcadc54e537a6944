"""The text of an alert: what was kept of it, else what the program writes at once."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.ui import cache, desk
from app.ui.desk import Errand
from engine.formats import Style
from engine.lake import RunPaths
from engine.narrative.gather import CaseFacts, gather
from engine.narrative.ledger import Ledger, sha256
from engine.narrative.narrate import narrate_by_template
from engine.narrative.verdict import Narrative
from engine.workbench import case_facts
from engine.workbench.case_record import AlertRecord
from engine.workbench.masked_ledger import masked_ledger
from engine.workbench.masking import Masker


@dataclass(frozen=True, slots=True)
class AlertText:
    """A narrative with the ledger that bears it out, as whoever looks may see them."""

    narrative: Narrative
    ledger: Ledger


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
    return template_text(facts_for(errand, alert), style)
