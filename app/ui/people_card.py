"""One user, and what an admin may do with them; each step says what it does before it is done."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app.ui import desk, evidence, format, messages
from app.ui.people_table import standing
from app.ui.people_words import ROLE_WORDS, SIGNS_IN_WORDS
from engine.errors import EngineError
from engine.workbench import staff
from engine.workbench.permissions import ROLES
from engine.workbench.staff import Person

_TOLD = "people_told"
_PASSWORD = "people_password"
_PROBLEM = "people_problem"


def people_card(person: Person) -> None:
    """Show a user with the actions that make sense for them."""
    st.markdown(f"#### {evidence.escape(person.name)}")
    evidence.facts(
        [
            ("Login", person.login),
            ("Signs in by", SIGNS_IN_WORDS[person.signs_in_by]),
            ("State", standing(person)),
            ("Signed in", _where(person.sign_ins)),
            ("Since", format.date(person.created_at)),
        ]
    )
    _cautions(person)
    _role(person)
    st.divider()
    with st.container(horizontal=True):
        _actions(person)


def tell() -> None:
    """Say once what was done, or why not; a new password is shown now and never again."""
    problem: str | None = st.session_state.pop(_PROBLEM, None)
    if problem is not None:
        messages.refusal(problem)
    told: str | None = st.session_state.pop(_TOLD, None)
    password: str | None = st.session_state.pop(_PASSWORD, None)
    if told is None:
        return
    what = evidence.escape(told)
    if password is not None:
        what += (
            " Tell them this password in a safe way. It is shown only now and kept nowhere; it "
            "works until they choose their own at the next sign-in."
        )
    st.success(what, icon=":material/check_circle:")
    if password is not None:
        st.code(password, language=None, width="content")


def do(what: Callable[[], str | None], told: str) -> None:
    """Do as :func:`try_to` does, where nothing more depends on its success."""
    try_to(what, told)


def try_to(what: Callable[[], str | None], told: str) -> bool:
    """Do something, and tell whether it was done; what it returns is a new password to show."""
    try:
        st.session_state[_PASSWORD] = what()
        st.session_state[_TOLD] = told
    except EngineError as error:
        st.session_state[_PROBLEM] = str(error)
        return False
    return True


def _where(sign_ins: int) -> str:
    return f"in {sign_ins} browser{'s' * (sign_ins != 1)}" if sign_ins else "nowhere"


def _cautions(person: Person) -> None:
    if person.locked_out_until is not None:
        st.warning(
            f"Locked out until {format.moment(person.locked_out_until)} after wrong passwords. "
            "A new password ends that at once.",
            icon=":material/lock_clock:",
        )
    elif person.must_change_password:
        st.caption("Was given a password, and chooses one at the next sign-in.")
    if person.alerts and not person.is_active:
        n = format.count(person.alerts)
        st.warning(
            f"{n} open alert{'s are' if person.alerts != 1 else ' is'} still assigned to them. "
            "Give them to others in the queue: filter by their name, choose all, assign.",
            icon=":material/assignment_late:",
        )


def _role(person: Person) -> None:
    with st.form("people_role", border=False):
        role = st.radio(
            "Role",
            ROLES,
            index=ROLES.index(person.role),
            format_func=str.capitalize,
            captions=list(ROLE_WORDS.values()),
            key=f"people_role_{person.login}_{person.role}",
        )
        if st.form_submit_button("Change role") and role != person.role:
            _confirm(
                f"Make {person.login} {role}?",
                f"It counts from their next click on. A person with this role {ROLE_WORDS[role]}.",
                "Change role",
                lambda: desk.write(staff.set_role, person.login, role),
                f"{person.name} is {role} now.",
            )


def _actions(person: Person) -> None:
    name, login = person.name, person.login
    if person.signs_in_by == "password" and st.button(
        "New password", icon=":material/key:", key="people_reset"
    ):
        _confirm(
            f"A new password for {login}?",
            "Their present one works no longer, and all their sign-ins end. The new one is shown "
            "to you once.",
            "Make a new password",
            lambda: desk.write(staff.reset_password, login),
            f"{name} has a new password.",
        )
    if person.sign_ins and st.button("Sign out", icon=":material/logout:", key="people_sign_out"):
        _confirm(
            f"Sign {login} out everywhere?",
            "Their sign-ins end with their next click; they can sign in again.",
            "Sign out everywhere",
            lambda: desk.write(staff.end_sign_ins, login),
            f"{name} is signed out.",
        )
    if not person.is_active:
        st.button(
            "Activate", icon=":material/person_check:", key="people_activate",
            on_click=do,
            args=(lambda: desk.write(staff.activate, login), f"{name} can sign in again."),
        )  # fmt: skip
    elif st.button("Deactivate", icon=":material/person_off:", key="people_deactivate"):
        stay = f" {format.count(person.alerts)} open alerts stay assigned to them."
        _confirm(
            f"Deactivate {login}?",
            "All their sign-ins end at once, and they cannot sign in again until they are "
            f"activated. What they did stays as it is.{stay if person.alerts else ''}",
            "Deactivate",
            lambda: desk.write(staff.deactivate, login),
            f"{name} is deactivated.",
        )


def _confirm(title: str, text: str, label: str, what: Callable[[], object], told: str) -> None:
    """Ask before something is done."""

    @st.dialog(evidence.escape(title))
    def ask() -> None:
        st.markdown(evidence.escape(text))
        with st.container(horizontal=True):
            if st.button(
                label, type="primary", key="people_confirm",
                on_click=do, args=(lambda: _password_of(what()), told),
            ):  # fmt: skip
                st.rerun()
            if st.button("Cancel", key="people_cancel"):
                st.rerun()

    ask()


def _password_of(result: object) -> str | None:
    return result if isinstance(result, str) else None
