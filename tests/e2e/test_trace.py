"""Money is followed in a real browser: a band of the diagram is clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser import Visit
from tests.small_run import RUN_ID

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


def test_the_files_come_and_a_click_on_a_band_shows_its_transfers(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/trace?run={RUN_ID}&tx=4&trace_method=First+in%2C+first+out")
    expect(page.get_by_text("nothing left", exact=False)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Transfers (CSV)").click()
    lines = download.value.path().read_text().splitlines()
    assert lines[0] == "method,hop,tx_id,time,sender,receiver,amount,part"
    assert lines[1] == "fifo,0,4,2026-01-02,H,X,300.0,300.0"
    box = page.get_by_test_id("stEChartsChart").locator("canvas").first.bounding_box()
    assert box is not None
    # From the payer, at the left edge, a single band as high as the chart leads to the receiver.
    page.mouse.click(box["x"] + 0.2 * (box["width"] - 120), box["y"] + 0.5 * box["height"])
    expect(page.get_by_text("Transfers of what is clicked")).to_be_visible()
