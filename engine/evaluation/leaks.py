"""What columns that give the label away would do to a run's figures, from the run's own features.

``python -m engine.evaluation.leaks RUN --lake LAKE`` trains the run's model three times, without
balances, with those before the transaction (the default), and with all of them, as
``python -m engine evaluate RUN --feature-sets`` does. The features of history are not made anew:
they stand in the run's table; one column after the other is mapped to a file, so memory stays
small. The result is kept beside the run, in its cache, and the page "Model" shows it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from engine.backend import CPU
from engine.columns import AMOUNT, BALANCES, CANONICAL, EXTRA_PREFIX, LABEL, SCORES, TIME, TYPE
from engine.config import BalanceUse, Config
from engine.errors import InputError
from engine.evaluation.feature_sets import FEATURE_SETS, RULE, empties
from engine.features import FeatureMatrix, build_features
from engine.lake import Lake, RunPaths, read_json, write_json
from engine.progress import Progress, silent
from engine.query.run_model import config_of, manifest_of
from engine.scoring.metrics import measure
from engine.scoring.model import Model, train_model
from engine.scoring.split import split_in_time

#: Goes up when the record changes its meaning: an older one is then made anew.
_VERSION = 1
#: These have always stood last, and the place of a column decides which trees a seed gives.
_LAST = ("amount_to_sender_mean", "amount_to_receiver_mean")


def record_path(paths: RunPaths) -> Path:
    """Return where the comparison of a run lies, made or not."""
    return paths.root / "cache" / paths.run_id / "feature_sets.json"


def read_comparison(paths: RunPaths) -> dict[str, Any] | None:
    """Return the comparison of a run as it is now; ``None`` where it was not made yet.

    ``sets`` has the figures by the name of the set; ``train_rows, test_rows, positives`` count.
    """
    path = record_path(paths)
    if not path.exists():
        return None
    record = read_json(path)
    return record if record.get("made_of") == _made_of(paths) else None


def why_not_compared(paths: RunPaths) -> str | None:
    """Say why there is nothing to compare; ``None`` where there is."""
    names, manifest = pq.read_schema(paths.augmented).names, manifest_of(paths)
    if not manifest.get("metrics"):
        return "without labels, or too few of them, no model can be trained and measured"
    if config_of(manifest).model.use:
        return "it used the model of another run, which was trained there: compare that run"
    if not set(BALANCES) & set(names):
        return "its input has no balances, which are what may give a label away"
    return None


def compare_kept(paths: RunPaths, progress: Progress = silent) -> dict[str, Any]:
    """Train and judge a model for each use of balances, and keep the figures beside the run.

    Raises
    ------
    InputError
        If there is nothing to compare.
    """
    why = why_not_compared(paths)
    if why is not None:
        raise InputError(f"run {paths.run_id} has nothing to compare: {why}")
    made_of, config = _made_of(paths), config_of(manifest_of(paths))
    label = pq.read_table(paths.augmented, columns=[LABEL])[LABEL].to_numpy()
    split = split_in_time(len(label), config.model)
    sets: dict[str, dict[str, Any]] = {}
    folder = record_path(paths).parent
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="features-") as place:
        for step, (use, name) in enumerate(FEATURE_SETS.items()):
            progress(step / len(FEATURE_SETS), name)
            features = kept_features(paths, config, use, Path(place))
            model = train_model(features, label, split, config.model, {})
            if model is not None:
                sets[name] = _judged(model, features, label, split.test)
            if use == "before" and "empties_sender" in features.names:
                rule = measure(label[split.test], empties(_part(features, split.test)), 0.5)
                sets |= {} if rule is None else {RULE: rule.to_dict()}
    record = {
        "made_of": made_of, "sets": sets, "train_rows": split.train_end,
        "test_rows": split.rows - split.choose_end,
        "positives": int(label[split.test].sum()),
    }  # fmt: skip
    write_json(record_path(paths), record)
    progress(1.0, "done")
    return record


def kept_features(paths: RunPaths, config: Config, use: BalanceUse, place: Path) -> FeatureMatrix:
    """Return the features of a run with another use of balances, mapped from files.

    They equal those that the feature stage would make, column by column and in its order.
    """
    file = pq.ParquetFile(paths.augmented)
    names = file.schema_arrow.names
    own_names = [name for name in names if name in {AMOUNT, TIME, TYPE, *BALANCES}]
    own_names += [name for name in names if name.startswith(EXTRA_PREFIX)]
    types = Model.load(paths.model).types
    columns: dict[str, npt.NDArray[np.float32]] = {}
    start = 0
    settings = replace(config.features, balances=use)
    for group in range(file.metadata.num_row_groups):
        table = file.read_row_group(group, columns=own_names)
        made = build_features(table, None, settings, CPU, types=types)
        for name, values in zip(made.names, made.columns, strict=True):
            if start == 0:
                columns[name] = _mapped(place / f"{use}-{name}.npy", file.metadata.num_rows)
            columns[name][start : start + table.num_rows] = values
        start += table.num_rows
    left_out = {*CANONICAL, *SCORES, *_balance_features(), *columns}
    for name in [name for name in names if name not in left_out]:
        path = place / f"{name}.npy"
        columns[name] = np.load(path, mmap_mode="r") if path.exists() else _read(file, name, path)
    ordered = sorted(columns, key=lambda name: name in _LAST)
    return FeatureMatrix(tuple(ordered), tuple(columns[name] for name in ordered), types)


def _balance_features() -> set[str]:
    """Return the names of all features that are made of balances."""
    row = {AMOUNT: [1.0], TIME: [0], **{name: [1.0] for name in BALANCES}}
    table = pa.table({name: pa.array(one, CANONICAL[name]) for name, one in row.items()})
    config = Config().features

    def names(use: BalanceUse) -> set[str]:
        return set(build_features(table, None, replace(config, balances=use), CPU).names)

    return names("all") - names("none")


def _judged(
    model: Model, features: FeatureMatrix, label: npt.NDArray[np.int8], test: slice
) -> dict[str, Any]:
    figures = measure(label[test], model.probability(_part(features, test)), model.threshold)
    return {} if figures is None else figures.to_dict()


def _part(features: FeatureMatrix, rows: slice) -> FeatureMatrix:
    return replace(features, columns=tuple(column[rows] for column in features.columns))


def _mapped(path: Path, rows: int) -> npt.NDArray[np.float32]:
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(rows,))


def _read(file: pq.ParquetFile, name: str, path: Path) -> npt.NDArray[np.float32]:
    mapped, start = _mapped(path, file.metadata.num_rows), 0
    for values in _chunks(file, name):
        mapped[start : start + len(values)] = values
        start += len(values)
    return mapped


def _chunks(file: pq.ParquetFile, name: str) -> Iterator[npt.NDArray[np.float32]]:
    for group in range(file.metadata.num_row_groups):
        yield file.read_row_group(group, columns=[name])[name].to_numpy()


def _made_of(paths: RunPaths) -> dict[str, Any]:
    digest = hashlib.sha256(paths.manifest.read_bytes()).hexdigest()
    return {"version": _VERSION, "manifest_sha256": digest}


def main() -> None:
    """Compare the feature sets of one run, as the command line says."""
    import argparse
    import json
    import sys

    parser = argparse.ArgumentParser(prog="python -m engine.evaluation.leaks", description=__doc__)
    parser.add_argument("run_id", metavar="RUN")
    parser.add_argument("--lake", default="lake")
    arguments = parser.parse_args()
    lake = Lake.open(arguments.lake)
    lake.fetch(arguments.run_id)
    found = compare_kept(
        lake.run(arguments.run_id),
        lambda share, what: print(f"{share:4.0%} {what}", file=sys.stderr, flush=True),
    )
    print(json.dumps(found["sets"], indent=1))


if __name__ == "__main__":
    main()
