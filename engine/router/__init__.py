"""Before a run: what it would take on each engine, which one is taken, and why."""

from engine.router.choose import NAMES, NO_BATCH, Option, Place, Route, Wanted, kind_of, route
from engine.router.money import month_to_date
from engine.router.size import Size, estimate_size

__all__ = [
    "NAMES", "NO_BATCH", "Option", "Place", "Route", "Size", "Wanted", "estimate_size", "kind_of",
    "month_to_date", "route",
]  # fmt: skip
