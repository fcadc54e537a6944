"""The scene of a view as it may be shown to who asks."""

from __future__ import annotations

from dataclasses import replace

from app.ui import account_ids, cache
from engine.errors import InputError
from engine.explorer import scene
from engine.explorer.scene import Scene
from engine.explorer.view import View
from engine.workbench.masking import PREFIX


def drawn(run_id: str, view: View) -> Scene:
    """Return what a view shows.

    Raises
    ------
    InputError
        If the run does not have what the view starts from, or a view names an account by its id
        where ids are hidden: that would tell who has which pseudonym.
    """
    asked = replace(view, as_of=None, selected=None)
    if account_ids.are_hidden():
        _refuse_ids(view)
        # A step's account is known by its pseudonym once the steps before have shown it.
        for done in range(len(view.steps)):
            cache.query(scene, run_id, replace(asked, steps=view.steps[:done]))
    return cache.query(scene, run_id, asked)


def _refuse_ids(view: View) -> None:
    named = [*view.start.accounts, *(step.account for step in view.steps if step.account)]
    for account in named:
        if not account.startswith(PREFIX):
            raise InputError(
                f"while account ids are hidden, an account is asked for by its pseudonym "
                f"({PREFIX}…), not by {account!r}"
            )
