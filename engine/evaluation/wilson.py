"""The interval of a share by Wilson's score.

E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the
American Statistical Association 22, 1927. It holds for few cases and for shares near 0 and 1.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Standard deviations on either side that hold 95 % of a normal distribution.
Z_95 = 1.959963984540054


def wilson_intervals(
    hits: npt.ArrayLike, total: npt.ArrayLike, z: float = Z_95
) -> tuple[Floats, Floats]:
    """Return the bounds of the shares ``hits / total``; 0 and 1 where there is no case.

    Examples
    --------
    >>> low, high = wilson_intervals([8], [10])
    >>> (round(low[0], 3), round(high[0], 3))
    (0.49, 0.943)
    """
    k, n = np.asarray(hits, np.float64), np.asarray(total, np.float64)
    cases = np.maximum(n, 1)
    share = k / cases
    middle = share + z**2 / (2 * cases)
    half = z * np.sqrt(share * (1 - share) / cases + z**2 / (4 * cases**2))
    scale = 1 + z**2 / cases
    low, high = (middle - half) / scale, (middle + half) / scale
    return np.where(n > 0, np.maximum(low, 0), 0.0), np.where(n > 0, np.minimum(high, 1), 1.0)
