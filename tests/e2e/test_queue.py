"""Triage in a real browser: by keys and by clicks, alone and with a second person beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from tests.browser import Visit, started_app, visiting
from tests.small_run import write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@contextmanager
def started_queue(folder: Path) -> Iterator[str]:
    """Run an app with a queue of its own: three alerts; give its address."""
    lake = folder / "lake"
    write_small_run(lake)
    with started_app(folder, {"RINGLEADER_LAKE": str(lake)}) as address:
        yield address


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of an app whose alerts are opened and looked at, and stay as they are."""
    with started_queue(tmp_path_factory.mktemp("queue")) as address:
        yield address


@pytest.fixture
def visit(queue: str, browser: Browser) -> Iterator[Visit]:
    """A fresh page of that app."""
    with visiting(browser, queue) as seen:
        yield seen


@pytest.fixture
def untouched(tmp_path: Path, browser: Browser) -> Iterator[Visit]:
    """A fresh page of an app of the test's own, where nobody has touched an alert."""
    with started_queue(tmp_path) as address, visiting(browser, address) as seen:
        yield seen


def rows(page: Page) -> FrameLocator:
    """Return the list, once it is drawn."""
    grid = page.frame_locator("iframe").first
    expect(grid.locator(".ag-row").first).to_be_visible()
    return grid


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()


def test_an_alert_is_taken_noted_and_decided_without_leaving_the_keys(untouched: Visit) -> None:
    page = untouched.page
    untouched.open("/alerts")
    grid = rows(page)
    expect(page.get_by_role("button", name="Next")).to_be_enabled()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="AL-1", exact=True)).to_be_visible()
    expect(grid.locator("[row-id='1'].in-view").first).to_be_visible()
    page.get_by_placeholder("Write a note").fill("Called the branch")
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_test_id("stText").get_by_text("Called the branch")).to_be_visible()
    page.get_by_role("heading", name="AL-1", exact=True).click()  # out of the box
    page.keyboard.press("d")
    choose(page, "How it ends", "False positive")
    choose(page, "Reason", "Wages or pensions")
    page.get_by_role("button", name="Close as false positive").click()
    expect(page.get_by_text("Open again")).to_be_visible()
    expect(grid.locator("[row-id='1']")).to_have_count(0)
    page.get_by_role("heading", name="AL-1", exact=True).click()
    page.keyboard.press("n")
    expect(page.get_by_role("heading", name="AL-2", exact=True)).to_be_visible()


def test_keys_pressed_in_the_list_open_tick_and_reach_the_page(visit: Visit) -> None:
    page = visit.page
    visit.open("/alerts")
    grid = rows(page)
    grid.locator("[row-id='1']").get_by_text("AL-1").click()
    expect(page.get_by_role("heading", name="AL-1", exact=True)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="AL-2", exact=True)).to_be_visible()
    page.keyboard.press("Space")
    expect(page.get_by_text("1 ticked")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="AL-3", exact=True)).to_be_visible()


def test_ticked_alerts_are_closed_together_and_leave_the_list(untouched: Visit) -> None:
    page = untouched.page
    untouched.open("/alerts")
    grid = rows(page)
    for number in ("2", "3"):
        grid.locator(f"[row-id='{number}'] .ag-checkbox-input").click()
    expect(page.get_by_text("2 ticked")).to_be_visible()
    page.locator(".st-key-queue_bulk").get_by_role("button", name="Close").click()
    choose(page, "Reason", "A shop and its customers")
    page.get_by_role("button", name="Close 2 as false positive").click()
    expect(page.get_by_text("2 ticked")).to_have_count(0)
    expect(grid.locator(".ag-center-cols-container .ag-row")).to_have_count(1)


def test_two_people_never_take_the_same_and_see_who_has_what(
    untouched: Visit, browser: Browser
) -> None:
    page = untouched.page
    untouched.open("/alerts")
    rows(page)
    page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("heading", name="AL-1", exact=True)).to_be_visible()
    with visiting(browser, untouched.base) as second:
        second.open("/alerts?alert=1")
        other = second.page
        rows(other)
        choose(other, "Act as", "Analyst")
        expect(other.get_by_text("Demo reviewer has it open")).to_be_visible()
        expect(other.get_by_role("button", name="Decide")).to_be_disabled()
        other.get_by_role("button", name="Next").click()
        expect(other.get_by_role("heading", name="AL-2", exact=True)).to_be_visible()


@pytest.mark.parametrize("width", [1280, 1440, 1920])
def test_the_list_beside_an_open_alert_has_the_columns_it_has_room_for(
    visit: Visit, width: int
) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 900})
    visit.open("/alerts?alert=1")
    grid = rows(page)
    first = grid.locator("[row-id='1']")
    expect(first.locator("[col-id^=amount]")).to_have_text(
        {1280: [], 1440: ["650"], 1920: ["650.00"]}[width]
    )
    expect(first.locator("[col-id^=risk]")).to_have_text("0.900" + "  Critical" * (width == 1920))
    # The columns are laid out anew when the list has got its width.
    viewport = grid.locator(".ag-center-cols-viewport").element_handle()
    frame = viewport.owner_frame() if viewport else None
    assert frame is not None
    frame.wait_for_function("e => e.scrollWidth <= e.clientWidth", arg=viewport)


@pytest.mark.parametrize("width", [1024, 1440])
def test_nothing_is_cut_off(visit: Visit, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 900})
    visit.open("/alerts?alert=1")
    rows(page)
    expect(page.get_by_role("button", name="Decide")).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth <= e.clientWidth")
    buttons = page.locator(
        "[data-testid=stBaseButton-primary], [data-testid=stBaseButton-secondary]"
    )
    clipped = buttons.evaluate_all(
        "found => found.filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)"
    )
    assert clipped == []
