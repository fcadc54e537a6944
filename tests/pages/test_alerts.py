"""The Alerts page: the queue and the open alert, what they show, and what is done with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from app.ui import evidence
from engine.lake import read_json, write_json
from engine.query.alert_detail import Reason
from engine.workbench import clock, take_next
from engine.workbench.database import Workbench, default_url
from engine.workbench.errors import WorkbenchError
from engine.workbench.models import Alert, User
from tests.small_run import RUN_ID, write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]

#: In the working order: the ring (0.9), the payment of 999 (0.8), the payment of 10 (0.6).
RING, LARGE, SMALL = "1", "2", "3"
LARGE_SNOOZED = select(Alert.snoozed_until).where(Alert.id == int(LARGE))


@pytest.fixture
def open_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Alerts page of the small run with query parameters."""

    def opened(
        *, has_accounts: bool = True, found_nothing: bool = False, role: str = "", **params: str
    ) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
        if not (tmp_path / "runs").exists():
            write_small_run(tmp_path, has_accounts=has_accounts, found_nothing=found_nothing)
        return show(params, role)

    return opened


def show(params: dict[str, str], role: str = "") -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    if role:
        page.session_state["demo_role"] = role
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    page.switch_page("../pages/alerts.py")
    for name, value in params.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def write_grown_run(root: Path) -> None:
    """Write a later run in which C has paid 20 more into the ring."""
    paths = write_small_run(root, run_id="later")
    alerts = pd.read_parquet(paths.alerts)
    alerts.loc[0, ["amount", "n_accounts"]] = [670.0, 5]
    alerts.to_parquet(paths.alerts, index=False)
    members = pd.read_parquet(paths.ring_accounts)
    members.loc[len(members)] = ["R00001", "C", "source"]
    members.to_parquet(paths.ring_accounts, index=False)
    manifest = read_json(paths.manifest) | {"started": "2026-01-06T00:00:00+00:00"}
    write_json(paths.manifest, manifest)


def texts(page: AppTest) -> str:
    shown = [*page.markdown, *page.caption, *page.info, *page.warning, *page.text]
    return "\n".join(str(element.value) for element in shown)


def figures(page: AppTest) -> dict[str, str]:
    """Return the figures over the queue: a caption, and the bold text that follows it."""
    names = ["To do", "Overdue", "Mine", "Amount", "Closed today", "Confirmed"]
    bold = [element.value.strip("*") for element in page.markdown if element.value[:2] == "**"]
    return dict(zip(names, bold, strict=False))


def listed(page: AppTest) -> list[str]:
    """Return the ids on the page of the list."""
    return [str(one) for one in page.session_state["queue_listed"]]


def buttons(page: AppTest) -> set[str]:
    return {button.label for button in page.button}


def press(page: AppTest, key: str) -> AppTest:
    next(button for button in page.button if button.key == key).click()
    page.run()
    assert not page.exception
    return page


def decide(page: AppTest, alert: str, disposition: str, reason: str, comment: str = "") -> AppTest:
    press(page, "case_open_decide")
    page.selectbox(key=f"case_{alert}_disposition").set_value(disposition).run()
    page.selectbox(key=f"case_{alert}_reason_{disposition}").set_value(reason).run()
    page.text_area(key=f"case_{alert}_comment").set_value(comment)
    return press(page, "case_decide_do")


# The queue.


def test_the_alerts_of_the_run_come_into_the_queue_by_themselves(open_page: Open) -> None:
    page = open_page()
    assert listed(page) == [RING, LARGE, SMALL]
    assert figures(page) == {
        "To do": "3",
        "Overdue": "0",
        "Mine": "0",
        "Amount": "1.7k",
        "Closed today": "0",
        "Confirmed": "– (none decided)",
    }


def test_a_page_of_the_queue_is_as_long_as_one_prefers(open_page: Open, tmp_path: Path) -> None:
    open_page()
    wanted = update(User).values(preferences={"queue_page_size": 2})
    kept(tmp_path).write(lambda session: session.execute(wanted))
    assert listed(open_page()) == [RING, LARGE]
    assert listed(open_page(page="2")) == [SMALL]


def test_why_next_found_nothing_is_no_markup(
    open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: Any) -> None:
        raise WorkbenchError("*no* [way](out)")

    page = open_page()
    monkeypatch.setattr(take_next, "take_next", refused)
    press(page, "queue_next")
    assert page.info[0].value == r"\*no\* \[way\]\(out\)"


def test_a_second_look_takes_nothing_in_twice(open_page: Open) -> None:
    open_page()
    assert listed(open_page()) == [RING, LARGE, SMALL]


@pytest.mark.parametrize(
    ("params", "left"),
    [
        ({"search": "AL-2"}, [LARGE]),
        ({"search": "payment"}, [LARGE, SMALL]),
        ({"band": "High"}, [RING, LARGE]),
        ({"typology": "fan_in"}, [RING]),
        ({"typology": "Fan-in"}, [RING]),
        ({"sort": "Largest amount"}, [LARGE, RING, SMALL]),
        ({"low": "600", "high": "700"}, [RING]),
        ({"show": "All"}, [RING, LARGE, SMALL]),
        ({"who": "Nobody"}, [RING, LARGE, SMALL]),
    ],
)
def test_the_address_says_what_is_listed(
    open_page: Open, params: dict[str, str], left: list[str]
) -> None:
    assert listed(open_page(**params)) == left


def test_a_filter_that_leaves_nothing_says_what_it_hides_and_goes_with_a_click(
    open_page: Open,
) -> None:
    page = open_page(search="nobody", band="High")
    assert "No alert passes these filters" in texts(page)
    assert "3 alerts would be here without: search “nobody”, risk High or more" in texts(page)
    press(page, "queue_unfilter")
    assert listed(page) == [RING, LARGE, SMALL]
    assert "search" not in page.query_params


def test_what_only_another_part_of_the_queue_has_is_one_click_away(open_page: Open) -> None:
    decide(open_page(alert=RING), RING, "false_positive", "payroll")
    page = open_page(search="AL-1")
    assert "1 alert passes them under *Show: All*" in texts(page)
    press(page, "queue_everywhere")
    assert listed(page) == [RING]


def test_when_all_is_done_the_queue_says_what_was_done_today(open_page: Open) -> None:
    page = open_page(has_accounts=False)
    for _ in range(2):
        press(page, "queue_next")
        alert = page.query_params["alert"]
        decide(page, alert[0] if isinstance(alert, list) else alert, "false_positive", "payroll")
    assert "Nothing is to do" in texts(page)
    assert "2 alerts were closed today, and none is left" in texts(page)
    press(page, "queue_show")
    assert len(listed(page)) == 2


def test_without_a_run_the_page_points_to_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    assert "No run yet" in texts(show({}))


def test_a_run_that_found_nothing_says_where_alerts_come_from(open_page: Open) -> None:
    assert "A run that finds rings" in texts(open_page(found_nothing=True))


def test_a_view_keeps_the_filters_under_a_name(open_page: Open) -> None:
    page = open_page(band="High", sort="Largest amount")
    page.session_state["queue_views"] = True
    page.run()
    page.text_input(key="views_name").set_value("Big and risky").run()
    press(page, "views_save")
    page.selectbox(key="sort").set_value("Working order").run()
    page.selectbox(key="band").set_value(None).run()
    assert listed(page) == [RING, LARGE, SMALL]
    page.session_state["queue_views"] = True
    page.run()
    press(page, "view_1")
    assert listed(page) == [LARGE, RING]


# Several at once.


def test_an_action_on_the_ticked_says_what_was_refused_and_why(open_page: Open) -> None:
    other = open_page(role="analyst", alert=SMALL)
    press(other, "case_assign")
    page = open_page()
    assert "bulk_mine" not in {button.key for button in page.button}
    page.session_state["alerts_grid"] = {"ids": [LARGE, SMALL], "opened": None}
    page.run()
    assert "2 ticked" in texts(page)
    press(page, "bulk_mine")
    assert "Done with 1 of 2; 1 refused" in texts(page)
    assert "AL\\-3: Demo analyst has AL\\-3 open" in texts(page)
    assert figures(page)["Mine"] == "1"
    assert "2 ticked" not in texts(page)


def test_an_analyst_is_not_offered_what_leads_others(open_page: Open) -> None:
    page = open_page(role="analyst")
    page.session_state["alerts_grid"] = {"ids": [LARGE], "opened": None}
    page.run()
    keys = {button.key for button in page.button}
    assert {"bulk_mine", "bulk_snooze", "bulk_close"} <= keys
    assert keys.isdisjoint({"bulk_assign", "bulk_priority_1"})


def test_a_snooze_of_several_begins_at_the_click(
    open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = open_page()
    page.session_state["alerts_grid"] = {"ids": [LARGE], "opened": None}
    page.run()
    click = clock.now() + timedelta(hours=5)
    monkeypatch.setattr(clock, "now", lambda: click)
    press(page, "bulk_snooze")
    (until,) = kept(tmp_path).read(lambda session: session.scalars(LARGE_SNOOZED).all())
    assert until == click + timedelta(days=1)


def kept(root: Path) -> Workbench:
    """Return the database of the lake."""
    return Workbench.open(default_url(root))


# What is open.


def test_a_link_opens_its_alert_with_reasons_and_evidence(open_page: Open) -> None:
    page = open_page(alert=RING)
    assert "Fan in to H" in texts(page)
    assert len(page.radio[0].options) == 3
    assert list(page.dataframe[0].value["tx_id"]) == [1, 2, 3, 4]


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


@pytest.mark.parametrize(
    ("reason", "text"),
    [
        (Reason("a", "", 7.0, 5.0, (1,)), "measured 7, threshold 5 · 1 transaction"),
        (Reason("a", "", 250000.0, None, (1, 2)), "2 transactions"),
        (Reason("a", "", 250000.0, 0.5, ()), "measured 250,000, threshold 0.5"),
        (Reason("a", "", None, None, ()), ""),
    ],
)
def test_a_reason_is_described_by_value_threshold_and_evidence(reason: Reason, text: str) -> None:
    assert evidence.describe_reason(reason) == text


def test_names_from_the_data_are_no_markup() -> None:
    assert evidence.escape("**A** [x](y) $1$") == "\\*\\*A\\*\\* \\[x\\]\\(y\\) \\$1\\$"
