"""Account names become int32 codes once; every later stage works on codes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.backend import CPU, Backend
from engine.columns import RECEIVER, SENDER

Codes = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Codes of senders and receivers, and the name behind each code.

    Attributes
    ----------
    sender, receiver
        int32, shape (n_transactions,).
    names
        string, shape (n_accounts,); ``names[code]`` is the account as given.
    """

    sender: Codes
    receiver: Codes
    names: pa.Array

    @property
    def count(self) -> int:
        """Number of accounts."""
        return len(self.names)


def encode_accounts(transactions: pa.Table, backend: Backend = CPU) -> Accounts | None:
    """Number the accounts of canonical transactions in order of first appearance.

    Returns
    -------
    Accounts or None
        None where the input has no accounts (credit-card rows).
    """
    if SENDER not in transactions.column_names or RECEIVER not in transactions.column_names:
        return None
    rows = transactions.num_rows
    chunks = [*transactions[SENDER].chunks, *transactions[RECEIVER].chunks]
    if not chunks:
        return Accounts(np.empty(0, np.int32), np.empty(0, np.int32), pa.array([], pa.string()))
    # One array, one dictionary: unifying the dictionaries of many chunks costs minutes. Large
    # strings have no limit of 2 GiB to the whole.
    every = pa.concat_arrays([c.cast(pa.large_string()) for c in chunks])
    codes, names = backend.number_names(every)
    return Accounts(codes[:rows], codes[rows:], names)
