"""Parts of models: what each makes of its columns."""

from __future__ import annotations

import numpy as np
import scipy.fft

from ml.estimators import LineBands

N_MELS, N_MFCC, N_CHROMA = 32, 32, 4
BANDS = (8, 20)


def row(levels_db: np.ndarray, chroma: np.ndarray, logs: np.ndarray) -> np.ndarray:
    """A vector as `classic-180` has it, in small, with all cepstral coefficients."""
    cepstra = scipy.fft.dct(levels_db, type=2, norm="ortho")[:N_MFCC]
    return np.concatenate([cepstra, chroma, logs])[np.newaxis]


def test_what_lies_outside_a_line_s_bands_changes_nothing(rng: np.random.Generator) -> None:
    levels_db, chroma, logs = rng.standard_normal(N_MELS), rng.random(N_CHROMA), rng.standard_normal(N_MELS)
    other_db, other_logs = levels_db - 40, logs - 9
    other_db[slice(*BANDS)], other_logs[slice(*BANDS)] = levels_db[slice(*BANDS)], logs[slice(*BANDS)]
    cut = LineBands(N_MFCC, N_MFCC + N_CHROMA, BANDS)
    one, other = (
        cut.fit_transform(vector) for vector in (row(levels_db, chroma, logs), row(other_db, chroma, other_logs))
    )
    np.testing.assert_allclose(one, other, atol=1e-9)
    np.testing.assert_allclose(one[0], [*levels_db[8:20], *chroma, *logs[8:20]], atol=1e-9)
