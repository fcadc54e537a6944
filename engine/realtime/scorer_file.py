"""A scorer as one small file: named arrays, and a card of everything else in JSON."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.config import RiskConfig, RuleConfig
from engine.errors import InputError
from engine.realtime.boosting import Boosting
from engine.realtime.rings import Context, Membership
from engine.realtime.row import FeatureSpec
from engine.realtime.scorer import Calibrated, Scorer
from engine.scoring.detector import Detector

Arrays = dict[str, npt.NDArray[Any]]

#: Layout of the file; a new one gets a new number.
LAYOUT = 1


def write_scorer(scorer: Scorer) -> bytes:
    """Return the bytes of a scorer's file; equal scorers give equal bytes."""
    arrays = _arrays(scorer)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in sorted(arrays):
            part = io.BytesIO()
            np.lib.format.write_array(part, np.asarray(arrays[name], order="C"))
            entry = zipfile.ZipInfo(f"{name}.npy")  # of a fixed date
            archive.writestr(entry, part.getvalue(), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def read_scorer(content: bytes) -> Scorer:
    """Read a scorer from the bytes of its file; their hash becomes its version.

    Raises
    ------
    InputError
        If it is not a scorer, or one of another version of the program.
    """
    try:
        with np.load(io.BytesIO(content)) as file:
            arrays = {name: file[name] for name in file.files}
        card = json.loads(arrays.pop("card").tobytes())
        if card["layout"] == LAYOUT:
            return _scorer(card, arrays, version_of(content))
    except (OSError, EOFError, LookupError, TypeError, ValueError, AttributeError,
            zipfile.BadZipFile) as error:  # fmt: skip
        raise InputError("this is not a scorer of a run (runs/<id>/scorer.npz)") from error
    raise InputError(
        f"the scorer has the layout {card['layout']}, not {LAYOUT}: run the input again"
    )


def version_of(content: bytes) -> str:
    """Return the version of the scorer in a file."""
    return hashlib.sha256(content).hexdigest()[:12]


def _arrays(scorer: Scorer) -> Arrays:
    card: dict[str, Any] = {
        "layout": LAYOUT, "run_id": scorer.run_id, "last_time": scorer.last_time,
        "names": scorer.spec.names, "types": scorer.spec.types,
        "windows_hours": scorer.spec.windows_hours, "rules": asdict(scorer.rules),
        "risk": asdict(scorer.risk), "amount_limit": scorer.amount_limit,
        "anomaly_limit": scorer.anomaly_limit, "model": None,
        "members": {a: [asdict(one) for one in found] for a, found in scorer.members.items()},
        "contexts": {account: asdict(one) for account, one in scorer.contexts.items()},
    }  # fmt: skip
    arrays = {f"forest_{name}": array for name, array in scorer.detector.arrays().items()}
    if scorer.model is not None:
        model = scorer.model
        card["model"] = {
            "names": model.names, "slope": model.slope, "offset": model.offset,
            "threshold": model.threshold, "trained_on": model.trained_on,
        }  # fmt: skip
        arrays |= {f"trees_{name}": array for name, array in model.trees.arrays().items()}
    text = json.dumps(card, sort_keys=True, ensure_ascii=False).encode()
    return arrays | {"card": np.frombuffer(text, np.uint8)}


def _scorer(card: dict[str, Any], arrays: Arrays, version: str) -> Scorer:
    def part(prefix: str) -> Arrays:
        return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}

    told, risk = card["model"], card["risk"]
    model = told and Calibrated(
        Boosting.of(part("trees_")), tuple(told["names"]), told["slope"], told["offset"],
        told["threshold"], told["trained_on"],
    )  # fmt: skip
    members = {
        account: tuple(Membership(**one) for one in found)
        for account, found in card["members"].items()
    }
    return Scorer(
        card["run_id"], card["last_time"],
        FeatureSpec(tuple(card["names"]), tuple(card["types"]), tuple(card["windows_hours"])),
        Detector.of(part("forest_")), model, RuleConfig(**card["rules"]),
        RiskConfig(tuple(risk["with_model"]), tuple(risk["without_model"]), risk["ring_share"]),
        card["amount_limit"], card["anomaly_limit"], members,
        {account: Context(**one) for account, one in card["contexts"].items()}, version,
    )  # fmt: skip
