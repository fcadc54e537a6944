"""People in browsers of their own: signing in, and the clicks of the queue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy.orm import Session

from engine.workbench import logins, users
from engine.workbench.database import Workbench, default_url
from engine.workbench.migrations import upgrade
from engine.workbench.permissions import Role

PASSWORD = "three words in a row"
#: Of the app, with what signs a browser in.
COOKIE = "ringleader_session"
_SLOW = 90_000  # milliseconds: the first visit of a page on a busy machine


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a browser of their own."""

    login: str
    context: BrowserContext
    page: Page
    address: str

    def open(self, path: str) -> None:
        """Open a path of the app."""
        self.page.goto(f"{self.address}{path}")

    def see(self, text: str) -> None:
        """Wait until a text is on the page."""
        expect(self.page.get_by_text(text, exact=False).first).to_be_visible(timeout=_SLOW)

    def see_heading(self, text: str) -> None:
        """Wait until a heading is on the page."""
        heading = self.page.get_by_role("heading", name=text, exact=True)
        expect(heading).to_be_visible(timeout=_SLOW)

    def press(self, button: str) -> None:
        """Press a button."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def press_key(self, key: str) -> None:
        """Press a button by its key."""
        self.page.locator(f".st-key-{key} button").first.click()

    def fill(self, label: str, value: str) -> None:
        """Fill a box in."""
        self.page.get_by_label(label, exact=True).fill(value)

    def choose(self, label: str, option: str) -> None:
        """Choose in a select box; one that is drawn anew closes, so nothing may be running."""
        self.settle()
        self.page.get_by_role("combobox", name=label, exact=True).click()
        self.page.get_by_role("option", name=option).first.click()

    def settle(self) -> None:
        """Wait until nothing runs."""
        self.page.wait_for_timeout(300)
        running = self.page.locator('[data-test-script-state="notRunning"]')
        expect(running).to_be_visible(timeout=_SLOW)

    def open_alert(self) -> str:
        """Return the name of the alert that is open, e.g. ``AL-12``."""
        heading = self.page.locator(".st-key-case_head h4")
        expect(heading).to_be_visible(timeout=_SLOW)
        return heading.inner_text().strip()

    def next_alert(self) -> str:
        """Press Next, and return the name of the alert that comes."""
        heading = self.page.locator(".st-key-case_head h4")
        before = heading.inner_text().strip() if heading.count() else ""
        self.press_key("queue_next")
        expect(heading).not_to_have_text(before, timeout=_SLOW) if before else None
        return self.open_alert()

    def note(self, text: str) -> None:
        """Write a note, and wait until it stands there."""
        self.page.get_by_placeholder("Write a note", exact=False).fill(text)
        self.press_key("case_note_add")
        expect(self.page.get_by_test_id("stText").get_by_text(text)).to_be_visible(timeout=_SLOW)

    def decide(self, disposition: str, reason: str, comment: str) -> None:
        """Decide on the open alert."""
        self.press_key("case_open_decide")
        self.choose("How it ends", disposition)
        self.choose("Reason", reason)
        self.page.locator(".st-key-case_decide textarea").fill(comment)
        self.press_key("case_decide_do")
        expect(self.page.locator(".st-key-case_decide")).to_have_count(0, timeout=_SLOW)


def arrive(browser: Browser, address: str, link: str, login: str, first_password: str) -> Person:
    """Open a link in a fresh browser, sign in for the first time, and choose a password."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, timezone_id="UTC", locale="en-GB"
    )
    page = context.new_page()
    page.set_default_timeout(_SLOW)
    person = Person(login, context, page, address)
    person.open(link)
    person.fill("Login", login)
    person.fill("Password", first_password)
    person.press("Sign in")
    person.fill("Present password", first_password)
    person.fill("New password", PASSWORD)
    person.fill("New password, again", PASSWORD)
    person.press("Change password")
    return person


def make_user(admin: Person, login: str, role: str) -> str:
    """Make a user on the People page; return the password to hand over."""
    admin.press("New user")
    admin.page.locator(".st-key-people_new_login input").fill(login)
    admin.page.locator(".st-key-people_new_name input").fill(login.capitalize())
    admin.page.locator(".st-key-people_new_role").get_by_text(role.capitalize()).first.click()
    admin.press("Make the user")
    admin.see(f"can sign in now as {login}")
    return admin.page.get_by_test_id("stCode").first.inner_text().strip()


def signed_in(lake: Path, people: Mapping[str, Role]) -> list[str]:
    """Make users in the database of a lake that no app has opened yet; return what signs each in.

    The value of the cookie :data:`COOKIE`, in the order of ``people``.
    """
    bench = Workbench.open(default_url(lake))
    upgrade(bench)
    bench.write(users.first_admin)
    tokens = [bench.write(_token, login, role) for login, role in people.items()]
    bench.close()
    return tokens


def _token(session: Session, login: str, role: Role) -> str:
    user = users.add_user(session, login, login.capitalize(), role, None)
    redeemed = logins.redeem(session, logins.issue_ticket(session, user.id))
    assert redeemed is not None
    return redeemed[0]
