"""The Alerts page for its tests: opened on the small run, read, and worked with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from engine.lake import read_json, write_json
from engine.workbench.database import Workbench, default_url
from engine.workbench.models import Alert, User
from tests.small_run import write_small_run

MAIN = str(Path(__file__).parents[2] / "app" / "main.py")
Open = Callable[..., AppTest]

#: In the working order: the ring (0.9), the payment of 999 (0.8), the payment of 10 (0.6).
RING, LARGE, SMALL = "1", "2", "3"
LARGE_SNOOZED = select(Alert.snoozed_until).where(Alert.id == int(LARGE))


def opener(root: Path, monkeypatch: pytest.MonkeyPatch) -> Open:
    """Return a function that opens the Alerts page of the small run with query parameters."""

    def opened(
        *, has_accounts: bool = True, found_nothing: bool = False, role: str = "", **params: str
    ) -> AppTest:
        monkeypatch.setenv("RINGLEADER_LAKE", str(root))
        if not (root / "runs").exists():
            write_small_run(root, has_accounts=has_accounts, found_nothing=found_nothing)
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


def kept(root: Path) -> Workbench:
    """Return the database of the lake."""
    return Workbench.open(default_url(root))


def live_in(root: Path, zone: str) -> None:
    """Let everybody who was there prefer a time zone."""
    wanted = update(User).values(preferences={"time_zone": zone})
    kept(root).write(lambda session: session.execute(wanted))
