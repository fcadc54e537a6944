"""Seeded data sets with truth, for a machine that has no data yet."""

from engine.generate.output import write_table
from engine.generate.paysim import generate_paysim, write_paysim
from engine.generate.rings import RingData, generate_rings, write_rings

__all__ = [
    "RingData",
    "generate_paysim",
    "generate_rings",
    "write_paysim",
    "write_rings",
    "write_table",
]
