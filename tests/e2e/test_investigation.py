"""An investigation in a real browser: from a file to alerts, and from an alert into its ring."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Visit
from tests.small_run import RUN_ID

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
SAMPLE = Path(__file__).parents[1] / "data" / "paysim_sample.csv"

#: Where an account stands on the screen: asks the drawn network, inside its shadow root.
_CANVAS = """() => {
  const find = (root) => {
    for (const element of root.querySelectorAll("*")) {
      if (element.matches(".ring-canvas canvas")) return element;
      const inner = element.shadowRoot && find(element.shadowRoot);
      if (inner) return inner;
    }
  };
  const canvas = find(document);
  if (!canvas) return null;
  const { x, y, width, height } = canvas.getBoundingClientRect();
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  let left = 1e9, right = -1, top = 1e9, bottom = -1, n = 0;
  for (let i = 0; i < pixels.length; i += 4) {
    // The red of a collector: the hub H of the small run.
    if (pixels[i] > 200 && pixels[i + 1] < 60 && pixels[i + 2] < 60 && pixels[i + 3] > 200) {
      const column = (i / 4) % canvas.width, row = Math.floor(i / 4 / canvas.width);
      left = Math.min(left, column); right = Math.max(right, column);
      top = Math.min(top, row); bottom = Math.max(bottom, row); n++;
    }
  }
  if (n < 50) return null;
  const scale = width / canvas.width;
  return [x + (left + right) / 2 * scale, y + (top + bottom) / 2 * scale];
}"""


def pick_collector(page: Page) -> None:
    """Click the collector in the ring graph once it is drawn."""
    page.wait_for_function(_CANVAS)
    page.wait_for_timeout(500)  # the view is fitted once more when the page has settled
    x, y = page.evaluate(_CANVAS)
    page.mouse.click(x, y)


def test_an_uploaded_file_becomes_alerts_that_open(visit: Visit) -> None:
    page = visit.page
    visit.open("/")
    page.get_by_test_id("stButtonGroup").get_by_text("Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(SAMPLE)
    expect(page.get_by_text("paysim", exact=False).first).to_be_visible()
    page.get_by_role("button", name="Find rings").click()
    # Until it is done, the link on the page is that of the run before.
    expect(page.get_by_text("Done in")).to_be_visible(timeout=120_000)
    expect(page.get_by_test_id("stSidebar").get_by_text("paysim_sample.csv")).to_be_visible()
    page.get_by_role("link", name="Review alerts").first.click()
    expect(page.get_by_role("heading", name="Alerts", exact=True)).to_be_visible()
    grid = page.frame_locator("iframe").first
    grid.locator(".ag-row").first.click()
    expect(page.get_by_text("Why this is an alert", exact=False)).to_be_visible()
    assert "alert=" in page.url


def test_an_alert_leads_to_its_ring_and_a_click_on_an_account_selects_it(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/alerts?run={RUN_ID}")
    page.frame_locator("iframe").first.get_by_text("AL-1", exact=True).click()
    page.get_by_role("link", name="Investigate ring R00001").click()
    expect(page.get_by_role("heading", name="Rings")).to_be_visible()
    pick_collector(page)
    expect(page.get_by_text("Transactions of H")).to_be_visible()
    assert "account=H" in page.url


def test_a_ring_says_why_it_scored_and_is_compared_with_another(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/rings?run={RUN_ID}&ring=R00001")
    evidence = page.get_by_test_id("stButtonGroup")
    evidence.get_by_text("Why this score").click()
    expect(page.get_by_text("At or above 0.5, where alerts begin")).to_be_visible()
    evidence.get_by_text("Compare").click()
    expect(page.get_by_text("No account is in both")).to_be_visible()


def test_ring_filters_live_in_the_address_and_go_with_one_click(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/rings?run={RUN_ID}&ring=R00001")
    page.get_by_role("button", name="Cycle 1").click()
    expect(page.get_by_text("1 of 2 rings")).to_be_visible()
    assert "ring_typology=cycle" in page.url
    page.get_by_role("button", name="Amount and period").click()
    page.get_by_label("Amount to").fill("500")
    page.get_by_label("Amount to").press("Enter")
    expect(page.get_by_text("No rings")).to_be_visible()
    page.reload()
    expect(page.get_by_text("0 of 2 rings")).to_be_visible()
    page.get_by_role("button", name="Show all rings").click()
    expect(page.get_by_text("2 rings", exact=True)).to_be_visible()
    assert "ring_typology" not in page.url
    assert "ring_high" not in page.url
    assert "ring=R00001" in page.url


def test_a_ring_is_compared_with_one_whose_id_is_typed(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/rings?run={RUN_ID}&ring=R00001")
    page.get_by_test_id("stButtonGroup").get_by_text("Compare", exact=True).click()
    expect(page.get_by_text("R00001 ended 1 d before R00002 began.")).to_be_visible()
    other = page.get_by_label("Compare with", exact=False)
    other.fill("R9")
    other.press("Enter")
    expect(page.get_by_text("has no ring 'R9'", exact=False)).to_be_visible()
    expect(page.get_by_role("heading", name="R00001", exact=True)).to_be_visible()


def test_a_reload_keeps_the_open_alert_and_marks_its_row(visit: Visit) -> None:
    page = visit.page
    visit.open(f"/alerts?run={RUN_ID}&alert=A000002")
    for _ in range(2):
        expect(page.get_by_role("heading", name="AL-2", exact=True)).to_be_visible()
        row = page.frame_locator("iframe").first.locator("[row-id='2'].in-view")
        expect(row.first).to_be_visible()
        page.reload()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_loads_in_both_themes(app: str, browser: Browser, scheme: str) -> None:
    dark = scheme == "dark"
    context = browser.new_context(color_scheme="dark" if dark else "light")
    page = context.new_page()
    for path in ("/", "/overview", "/alerts?alert=A000001", "/rings?ring=R00001"):
        page.goto(f"{app}{path}")
        expect(page.get_by_role("heading").first).to_be_visible(timeout=30_000)
        expect(page.locator("[data-testid=stException]")).to_have_count(0)
        background = page.evaluate(
            "getComputedStyle(document.querySelector('.stApp')).backgroundColor"
        )
        assert (background == "rgb(255, 255, 255)") is not dark
    context.close()
