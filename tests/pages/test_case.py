"""The open alert: what it shows, what is done with it, alone and as two."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import select, update

from engine.lake import read_json, write_json
from engine.workbench import clock
from engine.workbench.database import Workbench
from engine.workbench.errors import WorkbenchError
from engine.workbench.models import Alert, User
from tests.pages.alerts_page import (
    LARGE,
    LARGE_SNOOZED,
    RING,
    SMALL,
    Open,
    buttons,
    decide,
    figures,
    kept,
    listed,
    live_in,
    opener,
    press,
    texts,
    write_grown_run,
)
from tests.small_run import RUN_ID, write_small_run


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Alerts page of the small run with query parameters."""
    return opener(tmp_path, monkeypatch)


def test_a_link_opens_its_alert_with_reasons_and_evidence(open_page: Open) -> None:
    page = open_page(alert=RING)
    assert "Fan in to H" in texts(page)
    assert len(page.radio[0].options) == 3
    assert list(page.dataframe[0].value["tx_id"]) == [1, 2, 3, 4]


def test_an_alert_on_a_ring_leads_to_the_ring_and_to_the_explorer(open_page: Open) -> None:
    page = open_page(alert=RING)
    labels = [link.proto.label for link in page.get("page_link")]
    assert {"Investigate ring R00001", "Open in the explorer"} <= set(labels)


def test_a_link_of_old_names_the_alert_by_its_run(open_page: Open) -> None:
    open_page()
    page = open_page(run=RUN_ID, alert="A000002")
    assert page.query_params["alert"] in (LARGE, [LARGE])
    assert "Payment of 999" in texts(page)


@pytest.mark.parametrize("name", ["99", "A999999", "9" * 25, "AL-" + "9" * 5000, "x" * 5000, "²"])
def test_a_link_to_an_unknown_alert_says_so_and_is_forgotten(open_page: Open, name: str) -> None:
    page = open_page(alert=name)
    assert "no alert" in page.error[0].value
    assert "alert" not in page.query_params
    assert listed(page) == [RING, LARGE, SMALL]


def test_picking_a_reason_shows_its_transactions_only(open_page: Open) -> None:
    page = open_page(alert=RING)
    page.radio[0].set_value(1).run()
    assert list(page.dataframe[0].value["tx_id"]) == [4]


def test_reasons_that_rest_on_one_transaction_are_listed_without_a_choice(
    open_page: Open,
) -> None:
    page = open_page(alert=LARGE)
    assert not page.radio
    assert "measured 0.8, threshold 0.5" in texts(page)


def test_a_lone_transaction_leads_to_the_alerts_of_its_accounts(open_page: Open) -> None:
    labels = [link.proto.label for link in open_page(alert=LARGE).get("page_link")]
    assert [label for label in labels if label.startswith("Alerts of")] == [
        "Alerts of P",
        "Alerts of Q",
    ]


def test_clicking_a_row_opens_it_and_an_old_click_does_not_win_over_a_newer_link(
    open_page: Open,
) -> None:
    page = open_page()
    page.session_state["alerts_grid"] = {"ids": [], "opened": [LARGE, 1]}
    page.run()
    assert page.query_params["alert"] in (LARGE, [LARGE])
    page.query_params["alert"] = SMALL
    page.session_state["alerts_grid"] = {"ids": [], "opened": [LARGE, 1]}
    page.run()
    assert "Payment of 10" in texts(page)


def test_the_open_alert_survives_a_change_of_page(open_page: Open) -> None:
    page = open_page(alert=RING)
    page.switch_page("../pages/rings.py").run()
    page.switch_page("../pages/alerts.py").run()
    assert "Fan in to H" in texts(page)


def test_up_and_down_go_through_the_list(open_page: Open) -> None:
    page = open_page(alert=RING)
    press(page, "case_down")
    assert page.query_params["alert"] in (LARGE, [LARGE])
    press(page, "case_up")
    assert page.query_params["alert"] in (RING, [RING])
    press(page, "case_close")
    assert "alert" not in page.query_params


def test_next_opens_the_best_passes_it_and_says_when_nothing_is_left(open_page: Open) -> None:
    page = open_page()
    taken = []
    for _ in range(3):
        press(page, "queue_next")
        taken.append(page.query_params["alert"])
    assert taken in ([RING, LARGE, SMALL], [[RING], [LARGE], [SMALL]])
    press(page, "queue_next")
    assert "Nothing else is left to take under this filter" in texts(page)
    press(page, "queue_again")
    press(page, "queue_next")
    assert page.query_params["alert"] in (RING, [RING])


def test_a_run_without_accounts_shows_its_alerts_without_network(open_page: Open) -> None:
    page = open_page(has_accounts=False, alert="1")
    assert "sender" not in page.dataframe[0].value.columns


def test_an_alert_whose_run_was_deleted_keeps_its_record(open_page: Open, tmp_path: Path) -> None:
    open_page(alert=RING)
    write_small_run(tmp_path, run_id="later")
    (tmp_path / "runs" / RUN_ID / "run.json").unlink()
    page = open_page(alert=RING)
    assert "was deleted: the transactions of this alert are no longer here" in texts(page)
    assert "Fan in to H" in texts(page)


def test_a_run_made_anew_under_its_name_does_not_lend_its_evidence_to_the_alerts_before(
    open_page: Open, tmp_path: Path
) -> None:
    open_page(alert=RING)
    paths = write_small_run(tmp_path)
    members = pd.read_parquet(paths.ring_accounts).replace({"account": {"H": "K", "X": "Y"}})
    members.replace({"account": {"A": "M", "B": "N"}}).to_parquet(paths.ring_accounts, index=False)
    rings = pd.read_parquet(paths.rings)
    rings.loc[0, "fingerprint"] = "d" * 32
    rings.to_parquet(paths.rings, index=False)
    anew = {"started": "2026-01-06T00:00:00+00:00"}
    write_json(paths.manifest, read_json(paths.manifest) | anew)
    page = open_page(alert=RING)
    assert f"The run **{RUN_ID}** was made anew since" in texts(page)
    assert not page.dataframe
    page.session_state["case_tabs"] = "Lineage"
    page.run()
    assert f"{RUN_ID} (made anew since)" in texts(page)
    # A transaction that it found again lies in the new making.
    again = open_page(alert=LARGE)
    assert list(again.dataframe[0].value["tx_id"]) == [5]


# Work on it.


def test_a_note_is_added_and_the_box_is_empty_again(open_page: Open) -> None:
    page = open_page(alert=RING)
    page.text_area(key="case_1_note").set_value("Called the *branch*")
    press(page, "case_note_add")
    assert "Called the *branch*" in [element.value for element in page.text]
    assert page.text_area(key="case_1_note").value == ""
    assert "changed since you opened it" not in texts(page)


def test_a_note_that_was_not_sent_is_there_when_its_alert_is_opened_again(open_page: Open) -> None:
    page = open_page(alert=RING)
    page.text_area(key="case_1_note").set_value("Ask the branch").run()
    press(page, "case_down")
    assert page.text_area(key="case_2_note").value == ""
    press(page, "case_up")
    assert page.text_area(key="case_1_note").value == "Ask the branch"


def test_earlier_notes_are_folded_and_long_ones_too(open_page: Open) -> None:
    page = open_page(alert=RING)
    for text in ("A" * 900, "B" * 900):
        page.text_area(key="case_1_note").set_value(text)
        press(page, "case_note_add")
    shown = [element.value for element in page.text]
    assert shown[0].startswith("BBB")
    assert {"A" * 900, "B" * 900} <= set(shown)
    assert "1 earlier note" in [one.label for one in page.expander]


def test_an_empty_note_is_refused_with_what_to_do(open_page: Open) -> None:
    page = press(open_page(alert=RING), "case_note_add")
    assert "The note is empty; write it first" in texts(page)


def test_taking_and_giving_back(open_page: Open) -> None:
    page = press(open_page(alert=RING), "case_assign")
    assert figures(page)["Mine"] == "1"
    assert "In review · you" in texts(page)
    assert "Give back" in buttons(page)
    assert figures(press(page, "case_assign"))["Mine"] == "0"


def test_a_false_positive_closes_the_alert_with_its_reason(open_page: Open) -> None:
    page = decide(open_page(alert=RING), RING, "false_positive", "payroll")
    assert listed(page) == [LARGE, SMALL]
    assert figures(page)["Closed today"] == "1"
    assert "**False positive** · Wages or pensions" in texts(page)
    assert "Open again" in buttons(page)
    assert figures(page)["Confirmed"] == "0 of 1 (0–79 %)"


def test_a_decision_without_its_comment_is_refused_and_keeps_what_was_chosen(
    open_page: Open,
) -> None:
    page = decide(open_page(alert=RING), RING, "confirmed_fraud", "mule_account")
    assert "write a comment that says what it rests on" in texts(page)
    assert page.selectbox(key="case_1_reason_confirmed_fraud").value == "mule_account"


def test_reporting_takes_a_second_person(open_page: Open) -> None:
    page = open_page(alert=RING)
    decide(page, RING, "suspicious_reported", "layering", "Passed on within hours")
    assert "Waits for another person to approve it" in texts(page)
    assert "Approve" not in buttons(page)
    assert "Withdraw" in buttons(page)
    analyst = open_page(role="analyst", alert=RING)
    assert "A reviewer has to approve it" in texts(analyst)
    assert "Approve" not in buttons(analyst)
    admin = open_page(role="admin", alert=RING)
    press(admin, "case_open_approve")
    press(admin, "case_approve_do")
    assert "Approved by Demo admin" in texts(admin)
    assert listed(admin) == [LARGE, SMALL]


def test_who_may_approve_is_led_to_what_waits_for_it(open_page: Open) -> None:
    own = decide(open_page(alert=RING), RING, "suspicious_reported", "layering", "Passed on")
    assert "queue_to_approve" not in {button.key for button in own.button}
    own = press(open_page(show="Awaiting approval"), "queue_next")
    assert "Nothing waits here that you may approve" in texts(own)
    admin = press(open_page(role="admin"), "queue_to_approve")
    assert listed(admin) == [RING]
    press(admin, "queue_next")
    assert "Approve" in buttons(admin)


def test_what_is_sent_back_is_in_review_again_with_the_reason_in_its_history(
    open_page: Open,
) -> None:
    decide(open_page(alert=RING), RING, "suspicious_reported", "layering", "Passed on")
    admin = press(open_page(role="admin", alert=RING), "case_open_reject")
    admin.text_area(key="case_1_reject_comment").set_value("Which accounts?")
    press(admin, "case_reject_do")
    assert "In review · Demo reviewer" in texts(admin)
    own = open_page(alert=RING)
    assert "**Sent back** by Demo admin: Which accounts?" in texts(own).replace("\\", "")
    own.session_state["case_tabs"] = "History"
    own.run()
    assert "sent the decision back: Which accounts?" in texts(own).replace("\\", "")


def test_what_was_sent_back_is_open_to_others_also_where_nobody_goes_on_with_it(
    open_page: Open, tmp_path: Path
) -> None:
    decide(open_page(alert=RING), RING, "suspicious_reported", "layering", "Passed on")
    admin = press(open_page(role="admin", alert=RING), "case_open_reject")
    admin.text_area(key="case_1_reject_comment").set_value("Which accounts?")
    bench = kept(tmp_path)
    left = update(User).where(User.name == "Demo reviewer").values(is_active=False)
    bench.write(lambda session: session.execute(left))
    press(admin, "case_reject_do")
    admin.run()
    assert bench.read(lambda session: session.scalars(select(Alert.locked_by_id)).first()) is None


def test_a_snooze_takes_it_out_of_the_list_until_it_wakes(open_page: Open) -> None:
    page = press(open_page(alert=RING), "case_open_snooze")
    press(page, "case_snooze_do")
    assert listed(page) == [LARGE, SMALL]
    assert "Snoozed until" in texts(page)
    assert listed(open_page(show="Snoozed")) == [RING]
    press(page, "case_wake")
    assert listed(page) == [RING, LARGE, SMALL]


def test_a_snooze_until_a_day_ends_when_that_begins_where_one_is(
    open_page: Open, tmp_path: Path
) -> None:
    open_page()
    live_in(tmp_path, "America/St_Johns")
    page = press(open_page(alert=LARGE), "case_open_snooze")
    page.segmented_control(key="case_2_snooze").set_value("Until a day").run()
    (box,) = (one for one in page.date_input if one.label == "Day (America/St_Johns)")
    box.set_value(clock.now().date() + timedelta(days=3)).run()
    press(page, "case_snooze_do")
    until = kept(tmp_path).read(lambda session: session.scalars(LARGE_SNOOZED).one())
    assert until is not None
    there = until.astimezone(ZoneInfo("America/St_Johns"))
    assert (there.date(), there.time()) == (clock.now().date() + timedelta(days=3), time.min)


def test_a_suppression_takes_out_all_that_fit(open_page: Open) -> None:
    page = press(open_page(alert=LARGE), "case_open_suppress")
    page.selectbox(key="case_2_sup_account").set_value("Any account")
    page.selectbox(key="case_2_sup_reason").set_value("merchant")
    press(page, "case_suppress_do")
    assert listed(page) == [RING]
    assert listed(open_page(show="Suppressed")) == [LARGE, SMALL]


def test_a_suppression_is_shown_with_its_reason_and_can_be_lifted(open_page: Open) -> None:
    page = press(open_page(alert=LARGE), "case_open_suppress")
    page.selectbox(key="case_2_sup_account").set_value("Any account")
    page.selectbox(key="case_2_sup_reason").set_value("merchant")
    page.text_input(key="case_2_sup_comment").set_value("A toy shop")
    press(page, "case_suppress_do")
    assert "A shop and its customers: “A toy shop”" in texts(page)
    assert "By Demo reviewer, until" in texts(page)
    assert "2 alerts wait" in texts(page)
    press(page, "lift_case_1")
    assert listed(page) == [RING, LARGE, SMALL]
    assert "A toy shop" not in texts(page)


def test_all_suppressions_in_force_are_listed_and_can_be_lifted_there(open_page: Open) -> None:
    page = press(open_page(alert=LARGE), "case_open_suppress")
    page.selectbox(key="case_2_sup_account").set_value("Any account")
    page.selectbox(key="case_2_sup_reason").set_value("merchant")
    press(page, "case_suppress_do")
    page = open_page()
    page.session_state["queue_suppressions"] = True
    page.run()
    assert "A shop and its customers" in texts(page)
    press(page, "lift_all_1")
    assert listed(page) == [RING, LARGE, SMALL]


def test_a_closed_alert_is_opened_again_by_a_reviewer_with_a_reason(open_page: Open) -> None:
    page = decide(open_page(alert=RING), RING, "false_positive", "payroll")
    analyst = open_page(role="analyst", alert=RING)
    again = next(button for button in analyst.button if button.label == "Open again")
    assert again.disabled
    press(page, "case_open_reopen")
    page.text_area(key="case_1_reopen_comment").set_value("The payroll was none")
    press(page, "case_reopen_do")
    assert RING in listed(page)
    shown = texts(page).replace("\\", "")
    assert "What was decided before" in shown
    assert "**False positive** · Wages or pensions" in shown
    assert "Demo reviewer opened it again: The payroll was none" in shown


# Two people.


def test_who_comes_second_sees_who_has_it_and_can_only_read_and_note(open_page: Open) -> None:
    open_page(role="analyst", alert=RING)
    page = open_page(alert=RING)
    assert "**Demo analyst** has it open" in texts(page)
    for action in ("decide", "suppress"):
        assert next(b for b in page.button if b.key == f"case_open_{action}").disabled
    page.text_area(key="case_1_note").set_value("I know this one")
    press(page, "case_note_add")
    assert "I know this one" in [element.value for element in page.text]


def test_next_passes_by_what_somebody_else_has_open(open_page: Open) -> None:
    open_page(role="analyst", alert=RING)
    page = press(open_page(), "queue_next")
    assert page.query_params["alert"] in (LARGE, [LARGE])


def test_a_change_by_somebody_else_is_told_and_nothing_is_overwritten(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_page(alert=RING)
    press(first, "case_open_decide")
    first.selectbox(key="case_1_disposition").set_value("false_positive").run()
    first.selectbox(key="case_1_reason_false_positive").set_value("other").run()
    now = clock.now()
    with monkeypatch.context() as later:
        later.setattr(clock, "now", lambda: now + timedelta(hours=1))  # the lock has ended
        press(open_page(role="analyst", alert=RING), "case_assign")
    first.text_area(key="case_1_comment").set_value("A family")
    press(first, "case_decide_do")
    assert "nothing was overwritten" in texts(first) or "has AL\\-1 open" in texts(first)
    assert first.text_area(key="case_1_comment").value == "A family"


def test_news_since_the_last_look_are_told_until_it_is_closed(
    open_page: Open, tmp_path: Path
) -> None:
    open_page(alert=RING)
    write_grown_run(tmp_path)
    page = open_page(alert=RING, run="later")
    assert "**Since you last looked:** \\+1 account, amount \\+20" in texts(page)
    page.run()
    assert "Since you last looked" in texts(page)
    assert "Since you last looked" not in texts(open_page(alert=RING, run="later"))


def test_ones_own_note_does_not_hide_what_somebody_else_did_before_it(open_page: Open) -> None:
    first = open_page(alert=RING)
    other = open_page(role="analyst", alert=RING)
    other.text_area(key="case_1_note").set_value("The branch called back")
    press(other, "case_note_add")
    first.text_area(key="case_1_note").set_value("Called the branch")
    press(first, "case_note_add")
    (told,) = [one.value for one in first.warning]
    assert "It was changed since you opened it" in told
    assert "Demo analyst" in told
    assert "The branch called back" in told
    assert "Called the branch" not in told


def test_a_database_busy_with_others_keeps_nobody_from_reading(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    with monkeypatch.context() as broken:
        broken.setattr(Workbench, "write", busy)
        page.query_params["alert"] = RING
        page.run()
        assert not page.exception
        assert "Fan in to H" in texts(page)
        assert "It could not be reserved for you: the database is busy" in texts(page)
        write_grown_run(tmp_path)
        page.run()
        assert "New runs could not be taken into the queue now: the database is bus" in texts(page)
        assert listed(page) == [RING, LARGE, SMALL]
    page.run()
    assert "could not be" not in texts(page)
    assert "**Demo reviewer** has it open" in texts(open_page(role="analyst", alert=RING))


def busy(*_args: Any, **_kwargs: Any) -> None:
    raise WorkbenchError("the database is busy")


def test_a_database_that_is_gone_says_so_and_the_typed_note_stays(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page(alert=RING)
    page.text_area(key="case_1_note").set_value("Do not lose me")

    def gone(*_args: Any, **_kwargs: Any) -> None:
        raise WorkbenchError("the workbench's database cannot be used now: it is locked")

    with monkeypatch.context() as broken:
        broken.setattr(Workbench, "write", gone)
        press(page, "case_note_add")
    assert "cannot be used now" in texts(page)
    assert page.text_area(key="case_1_note").value == "Do not lose me"
    press(page, "case_note_add")
    assert "Do not lose me" in [element.value for element in page.text]


# Parts of their own.
