"""Judging runs: ring, account and transaction metrics against the truth, feature sets, parity."""
