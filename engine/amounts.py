"""How amounts of money are counted; imports nothing, for programs that must start quickly."""

from __future__ import annotations

#: Highest amount a row may carry, in currency units: sums of minor units stay exact in int64.
MAX_AMOUNT = 1e13
MINOR_UNITS = 100
#: Multiples of this many currency units are round amounts (the original design's).
ROUND_MULTIPLE = 1000
