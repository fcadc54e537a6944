"""Rings: sets of accounts with a typology, a period, and the transactions that prove them."""

from engine.rings.find import RingTables, find_rings

__all__ = ["RingTables", "find_rings"]
