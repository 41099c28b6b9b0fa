"""Correlations: how a clip's contours move together, at once and a little later.

Which contours rise and fall with which others, and after how long, tells of how a voice is driven. It depends little on
the speaker's own level of any of them, or on the channel's. After the correlation structure of Williamson et al. 2013.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ml.features.coarse import COARSE_NAMES, coarse
from ml.features.contours import FloatArray

LAGS: Final = (3, 8, 16)  # frames of 10 ms
LEAST_SPREAD: Final = 0.03
LEAST_SLOPE: Final = 0.005
_N: Final = len(COARSE_NAMES)
_PAIRS: Final = np.triu_indices(_N, 1)
_PAIR_NAMES: Final = tuple(f"{COARSE_NAMES[i]}.{COARSE_NAMES[j]}" for i, j in zip(*_PAIRS, strict=True))
CORRELATION_NAMES: Final = (
    *(f"correlation.{pair}" for pair in _PAIR_NAMES),
    *(f"correlation{lag}.{later}.{earlier}" for lag in LAGS for later in COARSE_NAMES for earlier in COARSE_NAMES),
    *(f"correlation.slopes.{pair}" for pair in _PAIR_NAMES),
    *(f"correlation.spread.{name}" for name in COARSE_NAMES),
)


def correlations(contour: FloatArray) -> NDArray[np.float32]:
    """Correlate the coarse contours of a clip with each other.

    Parameters
    ----------
    contour : np.ndarray [shape=(n_frames, 66)]
        What `contours.contours` returns.

    Returns
    -------
    np.ndarray [shape=(4624,)]
        In the order of `CORRELATION_NAMES`; those of lags as long as the clip are 0.
    """
    x = coarse(contour)
    x = x - x.mean(axis=0)
    spread = x.std(axis=0) + LEAST_SPREAD
    unit = x / spread
    slopes = np.gradient(x, axis=0)
    slopes /= slopes.std(axis=0) + LEAST_SLOPE
    lagged = [_lagged(unit, lag).ravel() for lag in LAGS]
    return np.concatenate(
        [_lagged(unit, 0)[_PAIRS], *lagged, _lagged(slopes, 0)[_PAIRS], np.log(spread)], dtype=np.float32
    )


def _lagged(unit: FloatArray, lag: int) -> FloatArray:
    n = len(unit) - lag
    return unit[lag:].T @ unit[:n] / n if n > 2 else np.zeros((_N, _N))
