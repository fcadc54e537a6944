"""Publishing a finished run of a lake in a store, as the last thing its job does."""

from __future__ import annotations

from engine.lake import Lake
from engine.realtime.publish import Published, publish
from engine.realtime.store import ProfileStore
from engine.storage import Store
from engine.working_copy import WorkingCopy, working_folder


def publish_run(store: Store, run_id: str, profiles: ProfileStore) -> Published | None:
    """Publish a run for real-time scoring, unless a run finished later is in use.

    Told again of the same run it changes nothing.

    Returns
    -------
    Published or None
        None where nothing was to be done: the run has no accounts, is in use already, or is older
        than the one in use.
    """
    folder = working_folder(store.address)
    lake = Lake(folder, WorkingCopy(store, folder))
    manifest = lake.read_manifest(run_id)
    pointer = profiles.pointer()
    if pointer is not None and pointer.finished >= str(manifest["finished"]):
        return None
    lake.fetch(run_id)
    paths = lake.run(run_id)
    if not paths.scorer.exists():
        return None
    # A later run may come first while the history of this one is being brought.
    return publish(paths, profiles, only_returning=True, only_later=True)
