"""Narrowband contours: a telephone changes little of them."""

from __future__ import annotations

import numpy as np
import pytest

from ml.augmentation import over_telephone
from ml.features.contours import CONTOUR_NAMES, N_MELS, contours
from ml.features.narrowband import narrowband
from ml.synthesis import STYLES, speak

KEPT = ("f0", "voiced", "hnr", "cpp")
MISSING = ("zcr", "h1_h2", "h1_h4", "h1_a1", "h1_a3")


@pytest.fixture(scope="module")
def contour() -> np.ndarray:
    return contours(speak(STYLES["happy"]).samples)


def columns(*names: str) -> list[int]:
    return [CONTOUR_NAMES.index(name) for name in names]


def test_a_telephone_changes_the_bands_inside_far_less_than_the_whole_spectrum(contour: np.ndarray) -> None:
    through_a_line = contours(over_telephone(speak(STYLES["happy"])).samples)
    loud = contour[:, CONTOUR_NAMES.index("energy")] > -20

    def changed_db(one: np.ndarray, other: np.ndarray) -> float:
        return float(np.mean(np.abs(one - other)[loud, :N_MELS]))

    inside = changed_db(narrowband(contour), narrowband(through_a_line))
    assert inside < 2
    assert changed_db(contour, through_a_line) > 2.5 * inside


def test_what_is_outside_the_passband_changes_nothing(contour: np.ndarray) -> None:
    other = contour.copy()
    other[:, :4] -= 20
    other[:, 28:N_MELS] += 20
    np.testing.assert_array_equal(narrowband(other), narrowband(contour))


def test_levels_are_relative_to_the_loud_frames_inside(contour: np.ndarray) -> None:
    louder_inside = contour.copy()
    louder_inside[:, 4:28] += 6
    np.testing.assert_allclose(narrowband(louder_inside), narrowband(contour), atol=0.01)


def test_what_a_line_keeps_is_as_it_was_and_what_it_takes_is_left_out(contour: np.ndarray) -> None:
    narrow = narrowband(contour)
    np.testing.assert_array_equal(narrow[:, columns(*KEPT)], contour[:, columns(*KEPT)])
    assert not narrow[:, columns(*MISSING)].any()
    measured = sorted(set(range(len(CONTOUR_NAMES))) - set(columns(*MISSING)))
    assert narrow[:, measured].any(axis=0).all()


def test_a_brighter_sound_has_its_energy_higher_up_inside_too(contour: np.ndarray) -> None:
    brighter = contour.copy()
    brighter[:, :N_MELS] += np.linspace(-10, 10, N_MELS, dtype=np.float32)
    means, brighter_means = narrowband(contour).mean(axis=0), narrowband(brighter).mean(axis=0)
    for name in ("centroid", "rolloff50", "alpha_ratio", "tilt"):
        assert brighter_means[CONTOUR_NAMES.index(name)] > means[CONTOUR_NAMES.index(name)]
    assert brighter_means[CONTOUR_NAMES.index("hammarberg")] < means[CONTOUR_NAMES.index("hammarberg")]
