"""People: the first admin, a provider's or a demo's, one's own password, and what admins do."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select

from engine.errors import InputError
from engine.workbench import logins, staff, users
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError, SignInError
from engine.workbench.models import AuditEntry, User
from engine.workbench.permissions import Actor, NotAllowedError, Role
from engine.workbench.sign_in import authenticate
from tests.workbench.staff import hire

pytestmark = pytest.mark.usefixtures("quick_hashing")

NEW = "a brand new secret"


def audit_of(workbench: Workbench, login: str) -> list[tuple[str, str, Any]]:
    """Return who did what to a user, with what the entry says came of it, the first one first."""
    rows = workbench.read(lambda session: session.scalars(
        select(AuditEntry).where(AuditEntry.subject == f"user {login}").order_by(AuditEntry.seq)
    ).all())  # fmt: skip
    return [(row.actor, row.action, json.loads(row.after)) for row in rows]


def user(workbench: Workbench, login: str) -> User:
    return workbench.read(
        lambda session: session.scalars(select(User).where(User.login == login)).one()
    )


def token_of(workbench: Workbench, actor: Actor) -> str:
    redeemed = workbench.write(logins.redeem, workbench.write(logins.issue_ticket, actor.user_id))
    assert redeemed is not None
    return redeemed[0]


def provided(issuer: str, subject: str, login: str, name: str) -> tuple[str, str, str, str, Role]:
    """Return what a provider tells of somebody, who shall be an analyst."""
    return issuer, subject, login, name, "analyst"


# The first admin.


def test_the_first_start_makes_an_admin_who_must_choose_a_password(workbench: Workbench) -> None:
    password = workbench.write(users.first_admin)
    assert password is not None
    admin = authenticate(workbench, "admin", password)
    assert (admin.login, admin.role) == ("admin", "admin")
    assert workbench.read(users.must_change_password, admin.user_id)
    assert audit_of(workbench, "admin")[0] == (
        "system", "create_user", {"name": "Administrator", "role": "admin"},
    )  # fmt: skip


def test_the_second_start_makes_none(workbench: Workbench) -> None:
    assert workbench.write(users.first_admin) is not None
    assert workbench.write(users.first_admin) is None


def test_two_programs_that_start_at_once_make_one_admin(workbench: Workbench) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: workbench.write(users.first_admin), range(4)))
    assert sum(password is not None for password in made) == 1
    assert len(workbench.read(staff.list_people)) == 1


def test_a_demo_before_does_not_keep_the_first_admin_from_being_made(workbench: Workbench) -> None:
    workbench.write(users.demo_actor)
    assert workbench.write(users.first_admin) is not None


# A demo and a provider.


def test_the_demo_has_one_person_a_role_made_once(workbench: Workbench) -> None:
    first = workbench.write(users.demo_actor, "analyst")
    assert (first.login, first.role) == ("demo-analyst", "analyst")
    assert workbench.write(users.demo_actor, "analyst") == first
    assert workbench.write(users.demo_actor).role == "reviewer"


def test_somebody_of_a_provider_becomes_a_user_at_the_first_sign_in(workbench: Workbench) -> None:
    args = provided("https://id.example", "42", "Olga@Example.org", "Olga  O.\n")
    olga = workbench.write(users.from_provider, *args)
    assert olga == Actor(olga.user_id, "olga@example.org", "Olga O.", "analyst")
    assert workbench.write(users.from_provider, *args) == olga
    made = {"name": "Olga O.", "role": "analyst", "provider": "https://id.example|42"}
    came = ("olga@example.org", "sign_in", {"provider": "https://id.example"})
    assert audit_of(workbench, "olga@example.org") == [
        ("system", "create_user", made), came, came,
    ]  # fmt: skip


def test_the_subject_tells_who_it_is_and_not_the_address(workbench: Workbench) -> None:
    first = workbench.write(users.from_provider, "https://id", "1", "a@x.org", "A", "analyst")
    renamed = workbench.write(users.from_provider, "https://id", "1", "b@x.org", "A", "reviewer")
    assert renamed == first
    with pytest.raises(SignInError, match=r"another user has the login a@x\.org"):
        workbench.write(users.from_provider, "https://id", "2", "a@x.org", "Mallory", "analyst")
    with pytest.raises(SignInError, match="another user has the login"):
        workbench.write(users.from_provider, "https://other", "1", "a@x.org", "Mallory", "analyst")


def test_a_local_login_is_not_taken_over_by_a_provider(workbench: Workbench) -> None:
    workbench.write(users.first_admin)
    with pytest.raises(SignInError, match="not taken over"):
        workbench.write(users.from_provider, "https://id", "1", "admin", "Mallory", "analyst")


def test_the_configuration_names_admins_at_each_sign_in(workbench: Workbench) -> None:
    args = provided("https://id", "1", "a@x.org", "A")
    assert workbench.write(users.from_provider, *args).role == "analyst"
    assert workbench.write(users.from_provider, *args, ("A@x.org ",)).role == "admin"
    assert ("system", "set_role", {"role": "admin"}) in audit_of(workbench, "a@x.org")


def test_who_is_named_admin_no_longer_is_none_at_the_next_sign_in(workbench: Workbench) -> None:
    args = provided("https://id", "1", "a@x.org", "A")
    workbench.write(users.from_provider, *args, ("a@x.org",))
    assert workbench.write(users.from_provider, *args, ("b@x.org",)).role == "analyst"
    assert ("system", "set_role", {"role": "analyst"}) in audit_of(workbench, "a@x.org")
    # Whom an admin made one stays it: the configuration never spoke of them.
    root = hire(workbench, "root", "admin")
    workbench.write(staff.set_role, root, "a@x.org", "admin")
    assert workbench.write(users.from_provider, *args, ("b@x.org",)).role == "admin"


def test_a_deactivated_person_of_a_provider_is_not_let_in(workbench: Workbench) -> None:
    args = provided("https://id", "1", "a@x.org", "A")
    workbench.write(users.from_provider, *args)
    workbench.write(staff.deactivate, hire(workbench, "root", "admin"), "a@x.org")
    with pytest.raises(SignInError, match="deactivated"):
        workbench.write(users.from_provider, *args)


# One's own password.


def test_ones_own_password_is_changed_with_the_old_one(workbench: Workbench) -> None:
    password = workbench.write(staff.enlist, "test", "anna", "Anna", "analyst")
    anna = authenticate(workbench, "anna", password)
    here, elsewhere = token_of(workbench, anna), token_of(workbench, anna)
    workbench.write(users.change_password, anna, password, NEW, here)
    assert not workbench.read(users.must_change_password, anna.user_id)
    assert workbench.read(logins.session_user, here) == anna.user_id
    assert workbench.read(logins.session_user, elsewhere) is None
    assert authenticate(workbench, "anna", NEW) == anna
    with pytest.raises(SignInError):
        authenticate(workbench, "anna", password)
    assert ("anna", "change_password", {"sign_ins_ended": 1}) in audit_of(workbench, "anna")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (None, "short", "at least 12 characters"),
        (None, "anna anna anna", "hardly more than the login"),
        (None, None, "the present one"),
        ("not the old one", NEW, "the present password is not right"),
    ],
)
def test_a_bad_change_of_password_changes_nothing(
    workbench: Workbench, old: str | None, new: str | None, said: str
) -> None:
    password = workbench.write(staff.enlist, "test", "anna", "Anna", "analyst")
    anna = authenticate(workbench, "anna", password)
    with pytest.raises((InputError, SignInError), match=said):
        workbench.write(users.change_password, anna, old or password, new or password)
    assert authenticate(workbench, "anna", password) == anna


def test_who_comes_by_a_provider_has_no_password_to_change(workbench: Workbench) -> None:
    olga = workbench.write(users.from_provider, "https://id", "1", "olga", "Olga", "analyst")
    with pytest.raises(InputError, match="none to change"):
        workbench.write(users.change_password, olga, "", NEW)


# What admins do.


@pytest.fixture
def root(workbench: Workbench) -> Actor:
    return hire(workbench, "root", "admin")


def test_a_new_user_gets_in_once_with_the_password_told(workbench: Workbench, root: Actor) -> None:
    password = workbench.write(staff.create_user, root, " Anna.K ", "", "reviewer")
    anna = authenticate(workbench, "anna.k", password)
    assert anna == Actor(anna.user_id, "anna.k", "anna.k", "reviewer")
    assert workbench.read(users.must_change_password, anna.user_id)
    made = ("root", "create_user", {"name": "anna.k", "role": "reviewer"})
    assert audit_of(workbench, "anna.k")[0] == made


@pytest.mark.parametrize(
    ("login", "role", "said"),
    [
        ("", "analyst", "1 to 200 characters"),
        ("x" * 201, "analyst", "1 to 200 characters"),
        ("anna k", "analyst", "no spaces"),
        ("anna\u202ek", "analyst", "no hidden characters"),
        ("system", "analyst", "program's own"),
        ("Demo-Admin", "analyst", "program's own"),
        ("ROOT", "analyst", "the login root is taken"),
        ("anna", "boss", "a role is analyst, reviewer, admin, not 'boss'"),
    ],
)
def test_a_login_or_role_that_cannot_be_is_refused(
    workbench: Workbench, root: Actor, login: str, role: Any, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        workbench.write(staff.create_user, root, login, "", role)
    assert [person.login for person in workbench.read(staff.list_people)] == ["root"]


def test_a_new_role_counts_at_once_for_who_is_signed_in(workbench: Workbench, root: Actor) -> None:
    anna = hire(workbench, "anna", "admin")
    workbench.write(staff.set_role, root, "anna", "analyst")
    with pytest.raises(NotAllowedError, match="anna is an analyst"):
        workbench.read(staff.list_users, anna)
    found = workbench.read(users.actor_of, anna.user_id)
    assert found is not None
    assert found.role == "analyst"
    assert audit_of(workbench, "anna") == [("root", "set_role", {"role": "analyst"})]


def test_the_last_active_admin_stays_one(workbench: Workbench, root: Actor) -> None:
    ben = hire(workbench, "ben", "admin")
    workbench.write(users.demo_actor, "admin")
    workbench.write(staff.deactivate, root, "ben")
    with pytest.raises(InputError, match="root is the last active admin"):
        workbench.write(staff.set_role, root, "root", "analyst")
    with pytest.raises(InputError, match="root is the last active admin"):
        workbench.write(staff.deactivate, root, "root")
    workbench.write(staff.activate, root, "ben")
    workbench.write(staff.set_role, ben, "root", "analyst")
    assert user(workbench, "root").role == "analyst"


def test_two_admins_who_demote_each_other_leave_one(workbench: Workbench, root: Actor) -> None:
    ben = hire(workbench, "ben", "admin")

    def demote(pair: tuple[Actor, str]) -> str:
        try:
            workbench.write(staff.set_role, pair[0], pair[1], "analyst")
        except (InputError, NotAllowedError) as refused:
            return type(refused).__name__
        return "done"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(demote, [(root, "ben"), (ben, "root")]))
    assert outcomes[1] == "done"
    roles = [person.role for person in workbench.read(staff.list_people)]
    assert sorted(roles) == ["admin", "analyst"]


def test_a_deactivated_persons_sign_ins_end_at_once(workbench: Workbench, root: Actor) -> None:
    anna = hire(workbench, "anna")
    token = token_of(workbench, anna)
    ticket = workbench.write(logins.issue_ticket, anna.user_id)
    assert workbench.write(staff.deactivate, root, "anna") == 2
    assert workbench.read(logins.session_user, token) is None
    assert workbench.write(logins.redeem, ticket) is None
    assert workbench.read(users.actor_of, anna.user_id) is None
    workbench.write(staff.activate, root, "anna")
    assert workbench.read(logins.session_user, token) is None
    assert audit_of(workbench, "anna") == [
        ("root", "deactivate", {"is_active": False, "sign_ins_ended": 2}),
        ("root", "activate", {"is_active": True}),
    ]


def test_what_changes_nothing_leaves_no_entry(workbench: Workbench, root: Actor) -> None:
    hire(workbench, "anna")
    workbench.write(staff.set_role, root, "anna", "analyst")
    workbench.write(staff.activate, root, "anna")
    workbench.write(staff.end_sign_ins, root, "anna")
    workbench.write(staff.deactivate, root, "anna")
    workbench.write(staff.deactivate, root, "anna")
    assert [action for _, action, _ in audit_of(workbench, "anna")] == ["deactivate"]


def test_a_new_password_ends_sign_ins_and_the_lock(workbench: Workbench, root: Actor) -> None:
    first = workbench.write(staff.create_user, root, "anna", "Anna", "analyst")
    anna = authenticate(workbench, "anna", first)
    token = token_of(workbench, anna)
    for _ in range(5):
        with pytest.raises(SignInError):
            authenticate(workbench, "anna", "not the password")
    assert _person(workbench, "anna").locked_out_until is not None
    second = workbench.write(staff.reset_password, root, "anna")
    assert authenticate(workbench, "anna", second) == anna
    assert workbench.read(logins.session_user, token) is None
    person = _person(workbench, "anna")
    assert (person.locked_out_until, person.must_change_password) == (None, True)
    with pytest.raises(SignInError):
        authenticate(workbench, "anna", first)


def test_there_is_no_password_to_reset_for_who_has_none(workbench: Workbench, root: Actor) -> None:
    workbench.write(users.from_provider, "https://id", "1", "olga", "Olga", "analyst")
    workbench.write(users.demo_actor)
    for login in ("olga", "demo-reviewer"):
        with pytest.raises(InputError, match="without a password of this app"):
            workbench.write(staff.reset_password, root, login)


def test_a_login_that_is_not_there_is_answered_with_the_nearest(
    workbench: Workbench, root: Actor
) -> None:
    with pytest.raises(NotFoundError, match=r"no user 'rooot'; did you mean root\?"):
        workbench.write(staff.deactivate, root, "rooot")


def test_the_list_shows_the_active_first_with_their_sign_ins(
    workbench: Workbench, root: Actor
) -> None:
    anna, ben = hire(workbench, "anna"), hire(workbench, "ben")
    token_of(workbench, ben)
    workbench.write(logins.issue_ticket, ben.user_id)
    workbench.write(staff.deactivate, root, anna.login)
    found = workbench.read(staff.list_users, root)
    assert [(p.login, p.is_active, p.sign_ins, p.alerts) for p in found] == [
        ("ben", True, 1, 0), ("root", True, 0, 0), ("anna", False, 0, 0),
    ]  # fmt: skip


def test_alerts_go_to_active_people_alone(workbench: Workbench, root: Actor) -> None:
    anna = hire(workbench, "anna")
    workbench.write(staff.deactivate, root, hire(workbench, "ben").login)
    assert [person.login for person in workbench.read(users.people, anna)] == ["anna", "root"]


def _person(workbench: Workbench, login: str) -> staff.Person:
    return next(one for one in workbench.read(staff.list_people) if one.login == login)
