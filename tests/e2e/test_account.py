"""The chart of an account in a real browser: brushing narrows the tables.

H of the small run was paid on 1 January by A and B, and paid X on the 2nd.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Visit
from tests.small_run import RUN_ID

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def brush_the_end(page: Page) -> None:
    """Drag a box over the right fifth of the chart."""
    area = page.locator(".js-plotly-plot .nsewdrag").first
    # The library that draws is fetched with the first chart.
    expect(area).to_be_visible(timeout=60_000)
    page.wait_for_timeout(500)  # the chart is fitted once more when the page has settled
    box = area.bounding_box()
    assert box is not None
    right, middle = box["x"] + box["width"] - 2, box["y"] + box["height"] / 2
    page.mouse.move(right, middle)
    page.mouse.down()
    page.mouse.move(right - box["width"] / 10, middle, steps=5)
    page.mouse.move(right - box["width"] / 5, middle, steps=5)
    page.mouse.up()


def test_a_drag_over_the_chart_narrows_the_tables(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/account?run={RUN_ID}&account=H")
    brush_the_end(page)
    expect(page.get_by_text("The tables show 2026-01-02 00:00")).to_be_visible()
    page.get_by_role("button", name="Whole period").click()
    expect(page.get_by_text("Drag over the chart")).to_be_visible()
