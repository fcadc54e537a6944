"""What a peer gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.accounts import Accounts, encode_accounts
from engine.backend import CPU
from engine.columns import LABEL, TIME
from engine.config import Config
from engine.errors import InputError
from engine.evaluation.judge import Window, judge_rings
from engine.evaluation.ring_metrics import RingSet
from engine.evaluation.truth import Truth, read_truth
from engine.features import FeatureMatrix, build_features
from engine.features.build import epoch_seconds
from engine.intake import detect, read_transactions
from engine.scoring.split import TimeSplit, split_in_time

Int64 = npt.NDArray[np.int64]
Labels = npt.NDArray[np.int8]


@dataclass(frozen=True)
class PeerInput:
    """The rows that every peer reads.

    Attributes
    ----------
    transactions
        Canonical transactions in time order.
    accounts
        Codes of their senders and receivers.
    label
        int8, shape (n,), 1 = laundering; None when labels are ignored.
    config
        The settings of the runs beside it: the split, the isolation forest, the trees.
    """

    transactions: pa.Table
    accounts: Accounts
    label: Labels | None
    config: Config

    @property
    def split(self) -> TimeSplit:
        """The same split in time as that of the runs."""
        return split_in_time(self.transactions.num_rows, self.config.model)

    @property
    def first(self) -> int:
        """First row that is judged: 0 without labels, else that of the test part."""
        return 0 if self.label is None else self.split.choose_end

    @cached_property
    def features(self) -> FeatureMatrix:
        """The causal features of the transaction model."""
        return build_features(self.transactions, self.accounts, self.config.features, CPU)

    @cached_property
    def seconds(self) -> Int64:
        """Time of each row in seconds since 1970, ascending."""
        return epoch_seconds(self.transactions)


@dataclass(frozen=True, slots=True)
class PeerResult:
    """Rings of a peer: the rows of each, the best first.

    Attributes
    ----------
    rows
        int64 rows of the transactions of each ring, ascending.
    transactions
        Figures of its transaction model on the test rows, where it has one.
    note
        What a reader of the table should know.
    """

    rows: Sequence[Int64]
    transactions: dict[str, Any] = field(default_factory=dict)
    note: str = ""


Peer = Callable[[PeerInput], dict[str, PeerResult]]


def read_peer_input(path: Path, use_labels: bool, config: Config) -> PeerInput:
    """Read a transactions file for the peers.

    Raises
    ------
    InputError
        If the file has no accounts, or labels are asked for and there are none.
    """
    table = read_transactions(path, detect(path)).transactions
    accounts = encode_accounts(table)
    if accounts is None:
        raise InputError(f"{path} has no accounts, so no rings to find")
    if use_labels and LABEL not in table.column_names:
        raise InputError(f"{path} has no labels to learn from")
    label = table[LABEL].to_numpy() if use_labels else None
    return PeerInput(table, accounts, label, config)


def judge_peer(
    given: PeerInput, result: PeerResult, truth_path: Path, source: Path
) -> dict[str, Any]:
    """Judge the rings of a peer as those of a run are judged."""
    truth: Truth = read_truth(truth_path, detect(source).time)
    time = given.transactions[TIME].cast(pa.int64()).to_numpy()
    if given.first and truth.start is None:
        raise InputError(f"{truth_path}: without a column start no future ring can be told")
    window = Window(given.first, int(time[given.first]), int(time[-1]))
    start = np.array([time[rows[0]] for rows in result.rows], np.int64)
    predicted = RingSet(
        tuple(_names(given.accounts, rows) for rows in result.rows),
        ("any",) * len(result.rows),
        tuple(window.predicted(start).tolist()),
    )
    figures = judge_rings(truth.rings(window.true(truth)), predicted)
    return {**figures, "transactions": result.transactions, "note": result.note}


def _names(accounts: Accounts, rows: Int64) -> frozenset[str]:
    codes = np.unique(np.concatenate([accounts.sender[rows], accounts.receiver[rows]]))
    return frozenset(accounts.names.take(pa.array(codes)).to_pylist())
