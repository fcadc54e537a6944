"""A finished run -> profiles and the scorer in use.

One rule makes it safe to repeat: an account's profile takes only transactions that are later than
the latest it knows of. So publishing the same file again, or one that overlaps, counts nothing
twice, and what real-time scoring has recorded stays. What a file knows of an account's time before
that is left out: publish history first, then score.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from engine.accounts import encode_accounts
from engine.columns import AMOUNT, RECEIVER, SENDER, TIME
from engine.config import RingConfig
from engine.errors import InputError, RunError
from engine.features.build import epoch_seconds, minor_units
from engine.lake import RunPaths, read_json
from engine.progress import Progress, silent
from engine.realtime.coding import watermark
from engine.realtime.past import Past, SideBytes, bodies_of, side_of, with_later
from engine.realtime.scorer_file import read_scorer
from engine.realtime.store import Change, Pointer, ProfileStore
from engine.rings.inferred import names_persist

#: Accounts that are read and written at a time.
_CHUNK = 5_000
#: A profile that real-time scoring changes meanwhile is read again, at most so often.
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Published:
    """What publishing did to the accounts of a run."""

    version: str
    new: int
    updated: int
    unchanged: int


def publish(
    paths: RunPaths,
    store: ProfileStore,
    days: int | None = None,
    progress: Progress = silent,
    *,
    only_returning: bool = False,
    only_later: bool = False,
) -> Published:
    """Bring a finished run's history into profiles, then let its scorer be the one in use.

    Parameters
    ----------
    only_returning
        Where senders do not come back (PaySim makes a new one for nearly every transaction), leave
        out accounts that were seen once: there are millions, and none is asked for again.
    days
        Only that many days before the run's last transaction; default: all. Counts "of all time"
        then begin there.
    only_later
        Leave the scorer in use where it is of a run that finished later.

    Raises
    ------
    InputError
        If the run has no scorer: it has no accounts, or is not finished.
    RunError
        If a profile could not be written because it changed time and again.
    """
    if not paths.scorer.exists():
        raise InputError(
            f"run {paths.run_id} has no scorer: it has no accounts, is not finished, or was made "
            "by an earlier version; run its input again"
        )
    content = paths.scorer.read_bytes()
    scorer = read_scorer(content)
    past = read_past(paths, days)
    progress(0.1, "history")
    keep = scorer.spec.keep_seconds
    out = side_of(past, past.sender, past.receiver, keep)
    into = side_of(past, past.receiver, past.sender, keep)
    progress(0.3, "profiles")
    counts = np.zeros(3, np.int64)
    # In the order of the store's own index: that makes writing millions quick.
    order = pc.array_sort_indices(pa.array(past.names, pa.large_string())).to_numpy()
    if only_returning and names_persist(past.sender) < RingConfig().persistent_names:
        order = order[_transactions(past)[order] > 1]
    for start in range(0, len(order), _CHUNK):
        codes = order[start : start + _CHUNK].tolist()
        counts += _bring(past, out, into, codes, store, keep)
        done = min(start + _CHUNK, len(order))
        progress(0.3 + 0.7 * done / len(order), f"{done:,} accounts")
    key = paths.scorer.relative_to(paths.root).as_posix()
    finished = str(read_json(paths.manifest).get("finished") or "")
    pointer = Pointer(paths.run_id, key, scorer.version, finished)
    store.point(pointer, only_later=only_later)
    return Published(scorer.version, *counts.tolist())


def _transactions(past: Past) -> np.ndarray:
    """Return how many transactions each account has a part in, by its code."""
    n = len(past.names)
    return np.bincount(past.sender, minlength=n) + np.bincount(past.receiver, minlength=n)


def read_past(paths: RunPaths, days: int | None = None) -> Past:
    """Read the history of a run."""
    table = pq.read_table(paths.prepped, columns=[TIME, SENDER, RECEIVER, AMOUNT])
    seconds = epoch_seconds(table)
    if days is not None and len(seconds):
        first = int(np.searchsorted(seconds, seconds[-1] - days * 86400))
        table, seconds = table.slice(first), seconds[first:]
    accounts = encode_accounts(table)
    if accounts is None:
        raise InputError(f"run {paths.run_id} has no accounts")
    names = accounts.names.to_pylist()
    return Past(names, accounts.sender, accounts.receiver, seconds, minor_units(table))


def _bring(
    past: Past, out: SideBytes, into: SideBytes, codes: list[int], store: ProfileStore, keep: int
) -> tuple[int, int, int]:
    """Bring some accounts up to date; return how many are new, updated, and as they were."""
    known = store.read([past.names[code] for code in codes]).profiles
    fresh = [code for code in codes if past.names[code] not in known]
    bodies = bodies_of(out, into, fresh)
    store.add(zip((past.names[code] for code in fresh), bodies, strict=True))
    updated = sum(
        _update(past, out, into, code, store, keep)
        for code in codes
        if past.names[code] in known
        and _is_later(past, out, into, code, watermark(known[past.names[code]].body))
    )
    return len(fresh), updated, len(codes) - len(fresh) - updated


def _is_later(past: Past, out: SideBytes, into: SideBytes, code: int, mark: int | None) -> bool:
    lasts = [int(side.heads["last"][code]) for side in (out, into) if side.heads["n"][code]]
    return mark is None or max(lasts) > mark


def _update(
    past: Past, out: SideBytes, into: SideBytes, code: int, store: ProfileStore, keep: int
) -> bool:
    """Add an account's later rows to its profile; tell whether there were any."""
    account = past.names[code]
    for _ in range(_ATTEMPTS):
        stored = store.read([account]).profiles[account]
        mark = watermark(stored.body)
        if not _is_later(past, out, into, code, mark):
            return False
        after = -(2**62) if mark is None else mark
        body = with_later(past, out, into, code, stored.body, after, keep)
        if store.commit({account: Change(body, stored.version)}):
            return True
    raise RunError(f"the profile of an account changed {_ATTEMPTS} times; publish again later")
