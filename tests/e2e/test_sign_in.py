"""Signing in with a real browser: with a password, and by an OpenID provider."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from engine.workbench import audit
from engine.workbench.database import Workbench, default_url
from tests.browser import started_app, visiting
from tests.oidc_provider import CLIENT, Provider, started_provider
from tests.ports import free_port
from tests.small_run import RUN_ID, write_small_run

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

PASSWORD = "three words in a row"
LINK = f"/rings?run={RUN_ID}&ring=R00001"
SECRETS = """
[auth]
redirect_uri = "{app}/oauth2callback"
cookie_secret = "only for this test, and long enough"
client_id = "{client}"
client_secret = "none"
server_metadata_url = "{issuer}/.well-known/openid-configuration"

[ringleader]
admins = ["olga@bank.example"]
local_sign_in = {local}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of an app that asks who comes, with the small run in its lake."""
    made = tmp_path_factory.mktemp("sign-in")
    write_small_run(made / "lake")
    return made


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    """Address of the app at its first start."""
    variables = {"RINGLEADER_LAKE": str(folder / "lake"), "RINGLEADER_DEMO": ""}
    with started_app(folder, variables) as running:
        yield running


@pytest.fixture(scope="module")
def admin(address: str, folder: Path, browser: Browser) -> Iterator[BrowserContext]:
    """A browser in which the admin has signed in at a link, and chosen a password."""
    (told,) = re.findall(r"password   (\S+)", (folder / "app.log").read_text(encoding="utf-8"))
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, timezone_id="UTC", locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{address}{LINK}")
    sign_in(page, "admin", told)
    fill(page, {"Present password": told, "New password": PASSWORD})
    page.get_by_label("New password, again", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Change password").click()
    expect(page.get_by_role("heading", name="R00001")).to_be_visible()
    assert "ring=R00001" in page.url
    yield context
    context.close()


def fill(page: Page, values: dict[str, str]) -> None:
    for label, value in values.items():
        page.get_by_label(label, exact=True).fill(value)


def sign_in(page: Page, login: str, password: str) -> None:
    fill(page, {"Login": login, "Password": password})
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.parametrize("path", ["", "runs", "overview", "alerts", "rings", "score", "people",
                                  "audit", "me"])  # fmt: skip
def test_no_page_is_reached_without_signing_in(address: str, browser: Browser, path: str) -> None:
    with visiting(browser, address) as seen:
        seen.open(f"/{path}?run={RUN_ID}&ring=R00001&alert=A000001")
        expect(seen.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
        assert seen.page.get_by_test_id("stSidebarNav").count() == 0
        assert RUN_ID not in seen.page.locator("body").inner_text()


def test_a_sign_in_survives_a_reload_and_a_new_tab(address: str, admin: BrowserContext) -> None:
    page = admin.pages[0]
    page.reload()
    expect(page.get_by_role("heading", name="R00001")).to_be_visible()
    tab = admin.new_page()
    tab.goto(f"{address}/overview")
    expect(tab.get_by_role("heading", name="Overview")).to_be_visible(timeout=60_000)
    tab.close()
    (cookie,) = [one for one in admin.cookies() if one["name"] == "ringleader_session"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert page.evaluate("document.cookie").find("ringleader_session") == -1


def test_a_download_has_pseudonyms_and_stands_in_the_audit(
    address: str, folder: Path, admin: BrowserContext
) -> None:
    page = admin.pages[0]
    page.goto(f"{address}{LINK}")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Members (CSV)").click()
    rows = list(csv.DictReader(waiting.value.path().open(encoding="utf-8")))
    assert len(rows) == 4
    assert all(re.fullmatch(r"acct-[a-z2-7]{8}", row["account"]) for row in rows)
    bench = Workbench.open(default_url(folder / "lake"))
    (entry,) = bench.read(audit.history, [f"run {RUN_ID}"])
    bench.close()
    assert (entry.actor, entry.action) == ("admin", "download")
    assert entry.after == '{"account_ids":false,"what":"ring_members"}'


def test_signing_out_closes_all_windows_of_the_browser(
    address: str, folder: Path, browser: Browser, admin: BrowserContext
) -> None:
    context = browser.new_context(timezone_id="UTC")
    page, other = context.new_page(), context.new_page()
    page.goto(f"{address}/overview")
    sign_in(page, "admin", PASSWORD)
    expect(page.get_by_role("heading", name="Overview")).to_be_visible(timeout=60_000)
    other.goto(f"{address}{LINK}")
    expect(other.get_by_role("heading", name="R00001")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Login")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    other.get_by_role("link", name="Overview").click()
    expect(other.get_by_label("Login")).to_be_visible()
    assert "ringleader_session" not in {one["name"] for one in context.cookies()}
    context.close()
    # The admin's own browser was not signed out with it.
    admin.pages[0].goto(f"{address}/overview")
    expect(admin.pages[0].get_by_role("heading", name="Overview")).to_be_visible(timeout=60_000)


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with started_provider() as running:
        yield running


@pytest.fixture(scope="module")
def with_provider(folder: Path, provider: Provider) -> Iterator[str]:
    """Address of the same lake's app where only the provider signs people in."""
    port = free_port()
    secrets = folder / "secrets.toml"
    secrets.write_text(
        SECRETS.format(
            app=f"http://127.0.0.1:{port}", client=CLIENT, issuer=provider.issuer, local="false"
        ),
        encoding="utf-8",
    )
    own = folder / "with-provider"
    own.mkdir()
    variables = {
        "RINGLEADER_LAKE": str(folder / "lake"), "RINGLEADER_DEMO": "",
        "STREAMLIT_SECRETS_FILES": str(secrets),
    }  # fmt: skip
    with started_app(own, variables, port) as running:
        yield running


def by_provider(page: Page, address: str, path: str) -> None:
    page.set_default_timeout(60_000)
    page.goto(f"{address}{path}")
    page.get_by_role("button", name="Sign in with 127.0.0.1").click()


def test_who_comes_by_the_provider_lands_where_the_link_led(
    with_provider: str, provider: Provider, browser: Browser
) -> None:
    provider.claims = {
        "sub": "7", "name": "Anna Rao", "email": "anna@bank.example", "email_verified": True
    }  # fmt: skip
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, timezone_id="UTC")
    page = context.new_page()
    by_provider(page, with_provider, LINK)
    expect(page.get_by_role("heading", name="R00001")).to_be_visible(timeout=60_000)
    assert f"run={RUN_ID}" in page.url
    assert "ring=R00001" in page.url
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text("Anna Rao")).to_be_visible()
    expect(sidebar.get_by_text("analyst", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="R00001")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("button", name="Sign in with 127.0.0.1")).to_be_visible()
    # Nobody is signed in again by what the provider said before.
    page.goto(f"{with_provider}{LINK}")
    expect(page.get_by_role("button", name="Sign in with 127.0.0.1")).to_be_visible()
    expect(page.get_by_label("Login")).to_have_count(0)
    context.close()


def test_the_configuration_names_who_is_an_admin(
    with_provider: str, provider: Provider, browser: Browser
) -> None:
    provider.claims = {
        "sub": "8", "name": "Olga", "email": "olga@bank.example", "email_verified": True
    }  # fmt: skip
    context = browser.new_context(timezone_id="UTC")
    page = context.new_page()
    by_provider(page, with_provider, "/people")
    expect(page.get_by_role("heading", name="People")).to_be_visible(timeout=60_000)
    context.close()


def test_an_address_that_the_provider_did_not_verify_opens_nothing(
    with_provider: str, provider: Provider, browser: Browser
) -> None:
    provider.claims = {"sub": "9", "email": "olga@bank.example", "email_verified": False}
    context = browser.new_context(timezone_id="UTC")
    page = context.new_page()
    by_provider(page, with_provider, "/people")
    expect(page.get_by_text("did not send a verified e-mail address")).to_be_visible()
    expect(page.get_by_role("heading", name="People")).to_have_count(0)
    context.close()
