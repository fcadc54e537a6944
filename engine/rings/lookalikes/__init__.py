"""Innocent look-alikes: tests whether ordinary business explains a found ring."""

from engine.rings.lookalikes.check import Check, LookalikeConfig
from engine.rings.lookalikes.rings import check_rings, innocence_factor

__all__ = ["Check", "LookalikeConfig", "check_rings", "innocence_factor"]
