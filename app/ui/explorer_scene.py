"""The scene of a view as it may be shown to who asks."""

from __future__ import annotations

from dataclasses import replace

from app.ui import account_ids, cache
from engine.explorer import scene
from engine.explorer.as_of import sums_by, until
from engine.explorer.scene import Scene
from engine.explorer.view import View


def drawn(run_id: str, view: View) -> Scene:
    """Return what a view shows.

    Raises
    ------
    InputError
        If the run does not have what the view starts from.
    """
    asked = replace(view, as_of=None, selected=None)
    if account_ids.are_hidden():
        # A step's account is known by its pseudonym once the steps before have shown it.
        for done in range(len(view.steps)):
            cache.query(scene, run_id, replace(asked, steps=view.steps[:done]))
    return cache.query(scene, run_id, asked)


def as_of(run_id: str, view: View, scene: Scene) -> Scene:
    """Return the scene of a view as it was at the view's moment; its sums are of all transfers."""
    if view.as_of is None or not scene.is_cut:
        return until(scene, view.as_of)
    return until(scene, view.as_of, cache.query(sums_by, run_id, replace(view, selected=None)))
