"""Rooms: what reaches the microphone, and when."""

from __future__ import annotations

import numpy as np
import pytest

from ml.rooms import SPEED_OF_SOUND_M_PER_S, Signal, diffuse_room, shoebox_room

RATE_HZ = 16_000


def box(*, reflection: float = 0.8, orders: int = 3) -> Signal:
    return shoebox_room(
        RATE_HZ,
        size_m=(5.0, 4.0, 3.0),
        source_m=(1.0, 1.0, 1.5),
        microphone_m=(4.0, 3.0, 1.5),
        reflection=reflection,
        orders=orders,
        duration_s=0.2,
    )


def test_the_direct_sound_comes_first_after_the_way_to_the_microphone() -> None:
    way_s = np.hypot(3.0, 2.0) / SPEED_OF_SOUND_M_PER_S
    assert np.flatnonzero(box())[0] == int(way_s * RATE_HZ)


def test_walls_that_give_nothing_back_leave_the_direct_sound_alone() -> None:
    assert np.count_nonzero(box(reflection=0.0)) == 1


@pytest.mark.parametrize(("softer", "harder"), [(0.3, 0.6), (0.6, 0.9)])
def test_harder_walls_give_more_back(softer: float, harder: float) -> None:
    assert np.sum(box(reflection=harder) ** 2) > np.sum(box(reflection=softer) ** 2)


def test_a_floor_s_echo_arrives_when_its_mirror_image_would() -> None:
    """Off the floor, 1.5 m below both: as far as the way, with twice that height between."""
    way_s = np.sqrt(3.0**2 + 2.0**2 + 3.0**2) / SPEED_OF_SOUND_M_PER_S
    assert box()[int(way_s * RATE_HZ)] > 0


def test_diffuse_sound_dies_away(rng: np.random.Generator) -> None:
    response = diffuse_room(rng, RATE_HZ)
    assert response[0] == 1.0
    thirds = np.array_split(response[1:] ** 2, 3)
    assert thirds[0].sum() > 10 * thirds[1].sum() > 100 * thirds[2].sum()
