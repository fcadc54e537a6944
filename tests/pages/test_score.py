"""The Score page: a run made ready, one transaction scored, and what is refused."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
import uvicorn
from sqlalchemy import select, update
from streamlit.testing.v1 import AppTest

from app.ui import desk, scoring
from aws.infer import local
from aws.infer.models import FieldProblem
from aws.infer.remote import ask
from engine.errors import InputError, RunError
from engine.lake import Lake
from engine.pipeline import run
from engine.plan import plan
from engine.query.example import riskiest_transaction
from engine.workbench import permissions
from engine.workbench.masking import Masker
from engine.workbench.models import AuditEntry, User
from engine.workbench.permissions import NotAllowedError, Permission
from tests.pages.test_home import texts

ROOT = Path(__file__).parents[2]
MAIN = str(ROOT / "app" / "main.py")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake with a run of the small PaySim file, called ``day``."""
    made = Lake.open(tmp_path_factory.mktemp("score"))
    run(made, plan(made, ROOT / "tests" / "data" / "paysim_sample.csv", run_id="day"))
    return made


@pytest.fixture
def page(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[AppTest]:
    """The page, with nothing published yet."""
    monkeypatch.setenv("RINGLEADER_LAKE", str(lake.root))
    monkeypatch.delenv("RINGLEADER_INFER_URL", raising=False)
    yield opened()
    scoring._service.clear()
    for file in lake.root.glob("profiles.sqlite*"):
        file.unlink()


def opened() -> AppTest:
    page = AppTest.from_file(MAIN, default_timeout=30)
    page.switch_page("../pages/score.py")
    return page.run()


def published(page: AppTest) -> AppTest:
    page.button(key="score_publish").click().run()
    assert not page.exception
    return page


def fill(page: AppTest, sender: str, receiver: str, amount: float | None, time: str = "") -> None:
    page.text_input(key="score_sender").set_value(sender)
    page.text_input(key="score_receiver").set_value(receiver)
    page.number_input(key="score_amount").set_value(amount)
    page.text_input(key="score_time").set_value(time)


def send(page: AppTest) -> str:
    """Press Score; return what the page says."""
    next(button for button in page.button if button.label == "Score").click().run()
    assert not page.exception
    return texts(page)


def test_without_a_run_the_page_says_what_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RINGLEADER_LAKE", str(tmp_path))
    assert "Find rings in some transactions first" in texts(opened())


def test_a_run_is_made_ready_by_a_click(page: AppTest) -> None:
    assert page.button(key="score_publish").label == "Score with day"
    assert "Scored on this machine by run `day`" in texts(published(page))
    assert "score_publish" not in {button.key for button in page.button}


def test_the_riskiest_transaction_of_the_run_is_risky(page: AppTest, lake: Lake) -> None:
    published(page).button(key="score_example").click().run()
    worst = riskiest_transaction(lake.run("day"))
    rows = pq.read_table(lake.run("day").augmented, columns=["final_risk"])
    assert page.text_input(key="score_sender").value == worst["sender"]
    assert page.number_input(key="score_amount").value == worst["amount"]
    said = send(page)
    assert "Tried out, not remembered" in said
    answer = page.session_state["score_answer"]
    assert answer.risk == pytest.approx(max(rows["final_risk"].to_pylist()), abs=0.2)
    assert answer.run_id == "day"
    reasons = next(frame.value for frame in page.dataframe if "Reason" in frame.value)
    assert len(reasons) == len(answer.reasons) > 0


def kept(action: str) -> list[tuple[str, str, str]]:
    found = select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.seq)
    entries = desk.bench().read(lambda session: session.scalars(found).all())
    return [(entry.actor, entry.subject, entry.after) for entry in entries]


def test_what_scores_and_what_is_remembered_stands_in_the_audit(page: AppTest) -> None:
    before = len(kept("publish")), len(kept("score"))
    published(page)
    assert kept("publish")[before[0] :] == [("demo-reviewer", "run day", "null")]
    fill(page, "a-sender", "a-receiver", 1000.0, "2026-01-20 10:00")
    send(page)
    assert len(kept("score")) == before[1]
    page.toggle(key="score_record").set_value(True)
    send(page)
    (entry,) = kept("score")[before[1] :]
    assert entry[:2] == ("demo-reviewer", "scorer")
    assert '"sender":"a-sender"' in entry[2]


def test_who_may_not_is_refused_by_the_scorer_too(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(page)
    none: frozenset[Permission] = frozenset({"see_accounts"})
    monkeypatch.setitem(permissions.MATRIX, "reviewer", none)
    body = {"sender": "A", "receiver": "B", "amount": 1.0}
    for made in (
        lambda: scoring.publish_run("day", lambda _share, _what: None),
        lambda: scoring.score(body),
        lambda: scoring.score(body | {"record": True}),
        lambda: scoring.explain(body),
    ):
        with pytest.raises(NotAllowedError):
            made()


def test_an_error_names_an_account_as_the_page_does(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    by = Masker(bytes(32))
    monkeypatch.setattr(desk, "masker", lambda: by)
    sender, told = by.account("C-secret"), "no profile of C-secret"

    def refuse(_body: dict[str, Any]) -> None:
        raise scoring.RefusedError(told, [FieldProblem(field="sender", message=told)])

    monkeypatch.setattr(scoring, "_request", refuse)
    with pytest.raises(scoring.RefusedError) as refused:
        scoring.score({"sender": sender})
    assert str(refused.value) == refused.value.fields[0].message == f"no profile of {sender}"


def test_what_is_wrong_is_told_by_field(page: AppTest) -> None:
    published(page)
    fill(page, " ", "B", None, time="yesterday")
    said = send(page)
    assert "**sender** must not be blank" in said
    assert "**amount** Field required" in said
    assert "**time** must be a moment in ISO 8601" in said
    assert page.session_state["score_answer"] is None


def test_a_time_is_typed_in_the_zone_that_one_prefers(page: AppTest) -> None:
    page.run()
    live_in(page, "Asia/Kolkata")
    published(page)
    assert "Time, Asia/Kolkata (optional)" in {box.label for box in page.text_input}
    fill(page, "A", "B", 1000.0, "2026-01-20 10:00")
    send(page)
    assert page.session_state["score_body"]["time"] == "2026-01-20T04:30:00+00:00"
    page.button(key="score_example").click().run()
    filled = page.text_input(key="score_time").value
    assert filled is not None
    assert filled.endswith("+05:30")


def live_in(page: AppTest, zone: str) -> None:
    """Let the person at the page prefer a time zone."""
    wanted = update(User).values(preferences={"time_zone": zone})
    desk.bench().write(lambda session: session.execute(wanted))
    page.run()


def test_an_account_remembers_only_what_it_shall(page: AppTest) -> None:
    published(page)
    fill(page, "new-sender", "new-receiver", 1000.0, "2026-01-20 10:00")
    send(page)
    assert not page.session_state["score_answer"].recorded
    page.toggle(key="score_record").set_value(True)
    send(page)
    assert page.session_state["score_answer"].recorded
    assert "Both accounts remember it" in texts(page)


def test_an_explanation_says_where_its_text_is_from(page: AppTest) -> None:
    published(page)
    fill(page, "A", "B", 250_000.0, "2026-01-20 10:00")
    send(page)
    page.button(key="score_explain").click().run()
    assert "A template: no language model is set up" in texts(page)


@pytest.fixture
def deployed(
    lake: Lake, page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[pytest.MonkeyPatch]:
    """The API of this machine, in the place of the deployed one."""
    from aws.infer.handler import service

    for name in ("RINGLEADER_PROFILES", "RINGLEADER_LAKE"):
        monkeypatch.setenv(name, str(lake.root))  # restored when the test ends
    local.prepare(lake, "day")
    service.cache_clear()
    server = uvicorn.Server(uvicorn.Config(local.application(), port=0, log_level="warning"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        threading.Event().wait(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    monkeypatch.setenv("RINGLEADER_INFER_URL", f"http://127.0.0.1:{port}/infer")
    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"),
                        ("DEFAULT_REGION", "us-east-1")):  # fmt: skip
        monkeypatch.setenv(f"AWS_{name}", value)
    yield monkeypatch
    server.should_exit = True
    thread.join()
    service.cache_clear()


def test_a_deployed_api_scores_where_there_is_one(deployed: pytest.MonkeyPatch) -> None:
    page = opened()
    assert "Scored on the deployed API by run `day`" in texts(page)
    fill(page, "A", "B", 250_000.0, "2026-01-20 10:00")
    send(page)
    assert page.session_state["score_answer"].run_id == "day"
    fill(page, "", "B", 1.0)
    assert "**sender**" in send(page)
    page.text_input(key="score_sender").set_value("A")
    send(page)
    page.button(key="score_explain").click().run()
    assert "A template" in texts(page)


def test_an_api_that_does_not_answer_is_told(deployed: pytest.MonkeyPatch) -> None:
    url = "http://127.0.0.1:9/infer"
    deployed.setenv("RINGLEADER_INFER_URL", url)
    assert "http://127.0.0.1:9/health" in texts(opened())
    with pytest.raises(RunError, match=r"127\.0\.0\.1:9/infer"):
        ask(url, "/infer", {})


def test_asking_without_credentials_says_how_to_get_some(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    told: dict[str, Any] = {"AWS_CONFIG_FILE": "config", "AWS_SHARED_CREDENTIALS_FILE": "keys"}
    for name, file in told.items():
        monkeypatch.setenv(name, str(tmp_path / file))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(InputError, match="aws configure"):
        ask("http://127.0.0.1:9/infer", "/health")
