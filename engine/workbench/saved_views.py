"""Saved views: a filter of the queue under a name, one's own or offered to all."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from engine.errors import InputError
from engine.workbench import audit, clock
from engine.workbench.errors import NotFoundError
from engine.workbench.models import SavedView, User
from engine.workbench.permissions import Actor, NotAllowedError, allows, guarded
from engine.workbench.queue_filter import QueueFilter
from engine.workbench.texts import storable

#: Longest name of a view.
MAX_NAME = 80


@dataclass(frozen=True, slots=True)
class View:
    """A saved view; ``owner`` is a name.

    ``filter`` is ``None`` where this version cannot read it, and ``problem`` says why.
    """

    view_id: int
    name: str
    filter: QueueFilter | None
    owner: str
    is_mine: bool
    is_shared: bool
    problem: str | None = None


@guarded("read")
def list_views(session: Session, actor: Actor) -> list[View]:
    """Return the actor's views, then those that others share, by name.

    One that cannot be read is among them, to be deleted.
    """
    found = session.execute(
        select(SavedView, User.name)
        .join(User, User.id == SavedView.owner_id)
        .where(or_(SavedView.owner_id == actor.user_id, SavedView.is_shared))
        .order_by(SavedView.owner_id != actor.user_id, SavedView.name, SavedView.id)
    )
    return [_view(actor, view, owner) for view, owner in found]


@guarded("read")
def save_view(session: Session, actor: Actor, name: str, chosen: QueueFilter) -> int:
    """Keep a filter under a name, in place of the actor's former view of that name; return its id.

    Raises
    ------
    InputError
        If the name is empty or too long.
    """
    kept = _checked_name(name)
    # One view of a name: a second click waits here for the first.
    session.get(User, actor.user_id, with_for_update={"key_share": True})
    view = session.scalars(
        select(SavedView).where(SavedView.owner_id == actor.user_id, SavedView.name == kept)
    ).first()
    before = None if view is None else {"filter": view.filter}
    params = chosen.to_params()
    if view is None:
        view = SavedView(owner_id=actor.user_id, name=kept, filter=params, created_at=clock.now())
        session.add(view)
    view.filter = params
    session.flush()
    after = {"name": kept, "filter": params}
    audit.append(session, actor.login, "save_view", f"view {view.id}", before, after)
    return view.id


@guarded("share_view")
def share_view(session: Session, actor: Actor, view_id: int, *, is_shared: bool) -> None:
    """Offer one's own view to all, or no longer do so.

    Raises
    ------
    NotFoundError
        If there is no such view.
    NotAllowedError
        If it is somebody else's.
    """
    view = _own(session, actor, view_id)
    if view.is_shared == is_shared:
        return
    view.is_shared = is_shared
    session.flush()
    audit.append(
        session, actor.login, "share_view", f"view {view_id}",
        {"is_shared": not is_shared}, {"is_shared": is_shared},
    )  # fmt: skip


@guarded("read")
def delete_view(session: Session, actor: Actor, view_id: int) -> None:
    """Delete one's own view; who may share views may delete others' shared ones.

    Raises
    ------
    NotFoundError
        If there is no such view.
    NotAllowedError
        If it is not the actor's to delete.
    """
    view = session.get(SavedView, view_id, with_for_update=True)
    may_tidy = view is not None and view.is_shared and _may_share(session, actor)
    if not may_tidy:
        view = _own(session, actor, view_id)
    assert view is not None
    before = {"name": view.name, "filter": view.filter, "is_shared": view.is_shared}
    session.delete(view)
    session.flush()
    audit.append(session, actor.login, "delete_view", f"view {view_id}", before, None)


def _view(actor: Actor, view: SavedView, owner: str) -> View:
    chosen, problem = None, None
    try:
        chosen = QueueFilter.from_params(view.filter)
    except InputError as error:
        problem = str(error)
    is_mine = view.owner_id == actor.user_id
    return View(view.id, view.name, chosen, owner, is_mine, view.is_shared, problem)


def _own(session: Session, actor: Actor, view_id: int) -> SavedView:
    view = session.get(SavedView, view_id, with_for_update=True)
    # Whether others have a view that they do not share is nobody's business.
    if view is None or (view.owner_id != actor.user_id and not view.is_shared):
        raise NotFoundError(f"there is no view {view_id}; somebody may have deleted it")
    if view.owner_id != actor.user_id:
        raise NotAllowedError(f"the view {view.name!r} is somebody else's")
    return view


def _may_share(session: Session, actor: Actor) -> bool:
    user = session.get(User, actor.user_id)
    return user is not None and allows(user.role, "share_view")  # type: ignore[arg-type]


def _checked_name(name: str) -> str:
    kept = " ".join(storable(name).split())
    if not kept:
        raise InputError("the view has no name; give it one")
    if len(kept) > MAX_NAME:
        raise InputError(f"the view's name has {len(kept)} characters; {MAX_NAME} fit")
    return kept
