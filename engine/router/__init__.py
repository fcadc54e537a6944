"""Before a run: what it would take on each engine, which one is taken, and why."""

from engine.router.choose import NAMES, Option, Route, route
from engine.router.money import month_to_date
from engine.router.size import Size, estimate_size

__all__ = ["NAMES", "Option", "Route", "Size", "estimate_size", "month_to_date", "route"]
