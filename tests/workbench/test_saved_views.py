"""Saved views: one's own, and those that are shared."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit
from engine.workbench.database import Workbench
from engine.workbench.errors import NotFoundError
from engine.workbench.models import SavedView
from engine.workbench.permissions import Actor, NotAllowedError
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.saved_views import delete_view, list_views, save_view, share_view

LATE = QueueFilter(overdue=True, assignee="me", typologies=("cycle", "fan_in"))


def names(workbench: Workbench, actor: Actor) -> list[str]:
    return [view.name for view in workbench.read(list_views, actor)]


def test_a_view_is_kept_and_comes_back(workbench: Workbench, anna: Actor, ben: Actor) -> None:
    view_id = workbench.write(save_view, anna, "  My   late ones ", LATE)
    (view,) = workbench.read(list_views, anna)
    assert (view.view_id, view.name, view.filter) == (view_id, "My late ones", LATE)
    assert (view.owner, view.is_mine, view.is_shared) == ("Anna", True, False)
    assert names(workbench, ben) == []


def test_a_view_of_the_same_name_takes_its_place(workbench: Workbench, anna: Actor) -> None:
    first = workbench.write(save_view, anna, "late", LATE)
    assert workbench.write(save_view, anna, "late", QueueFilter()) == first
    (view,) = workbench.read(list_views, anna)
    assert view.filter == QueueFilter()


def test_a_view_that_cannot_be_read_hides_no_other_and_can_be_deleted(
    workbench: Workbench, anna: Actor
) -> None:
    of_old = workbench.write(save_view, anna, "of old", LATE)
    workbench.write(save_view, anna, "late", LATE)

    def is_of_another_version(session: Session) -> None:
        session.get_one(SavedView, of_old).filter = {"sort": "gone"}

    workbench.write(is_of_another_version)
    late, old = workbench.read(list_views, anna)
    assert (late.filter, late.problem) == (LATE, None)
    assert (old.name, old.filter) == ("of old", None)
    assert (old.problem or "").endswith("not 'gone'")
    workbench.write(delete_view, anna, of_old)
    assert names(workbench, anna) == ["late"]


def test_two_people_may_use_one_name(workbench: Workbench, anna: Actor, ben: Actor) -> None:
    workbench.write(save_view, anna, "late", LATE)
    workbench.write(save_view, ben, "late", LATE)
    assert names(workbench, ben) == ["late"]


def test_a_shared_view_is_offered_to_all_after_their_own(
    workbench: Workbench, anna: Actor, rita: Actor
) -> None:
    shared = workbench.write(save_view, rita, "all", QueueFilter(show="all"))
    workbench.write(save_view, anna, "late", LATE)
    workbench.write(share_view, rita, shared, is_shared=True)
    workbench.write(share_view, rita, shared, is_shared=True)
    assert names(workbench, anna) == ["late", "all"]
    assert workbench.read(list_views, anna)[1].owner == "Rita"
    workbench.write(share_view, rita, shared, is_shared=False)
    assert names(workbench, anna) == ["late"]
    assert workbench.read(audit.verify).entries == 4


def test_views_are_changed_by_who_owns_them(
    workbench: Workbench, anna: Actor, ben: Actor, rita: Actor
) -> None:
    mine = workbench.write(save_view, anna, "late", LATE)
    for other in (ben, rita):
        with pytest.raises(NotFoundError, match="there is no view"):
            workbench.write(delete_view, other, mine)
    with pytest.raises(NotFoundError):
        workbench.write(share_view, rita, mine, is_shared=True)
    shared = workbench.write(save_view, rita, "all", QueueFilter())
    workbench.write(share_view, rita, shared, is_shared=True)
    with pytest.raises(NotAllowedError, match="somebody else's"):
        workbench.write(delete_view, anna, shared)
    workbench.write(delete_view, anna, mine)
    assert names(workbench, anna) == ["all"]


def test_who_may_share_tidies_up_what_is_shared(
    workbench: Workbench, rita: Actor, ada: Actor
) -> None:
    shared = workbench.write(save_view, rita, "all", QueueFilter())
    workbench.write(share_view, rita, shared, is_shared=True)
    workbench.write(delete_view, ada, shared)
    assert names(workbench, rita) == []


@pytest.mark.parametrize(
    ("name", "told"), [(" \n", "the view has no name"), ("x" * 81, "has 81 characters; 80 fit")]
)
def test_a_view_has_a_name(workbench: Workbench, anna: Actor, name: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        workbench.write(save_view, anna, name, LATE)
