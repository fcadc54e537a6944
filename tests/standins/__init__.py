"""Stand-ins for CuPy and RAPIDS on a machine without a GPU: what they show and what they do not.

The GPU engine's own lines run against them, on NumPy, SciPy, igraph, pandas and scikit-learn. They
are stricter than the libraries where the libraries are treacherous: nothing moves between the CPU
and the device unless it is told to, only names and arguments that RAPIDS 26.10 has are accepted,
an assignment whose result is not defined on a device is an error, and memory can run out.

They show that the algorithm is right and asks the libraries for what they offer. They do not show
that the libraries answer as they should, nor anything about speed: **no test that uses them is a
test on a GPU**, and their names say so.
"""

from tests.standins.arrays import DeviceMemory
from tests.standins.install import stand_ins

__all__ = ["DeviceMemory", "stand_ins"]
