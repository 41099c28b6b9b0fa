"""What a room does to a voice, as an impulse response to convolve it with."""

from __future__ import annotations

from itertools import product

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.float64]

SPEED_OF_SOUND_M_PER_S = 343.0


def diffuse_room(
    rng: np.random.Generator, rate_hz: int, *, longest_s: float = 0.6, direct_db: tuple[float, float] = (-2, 10)
) -> Signal:
    """The direct sound, then exponentially decaying noise (RT60 from 0.15 s): a room of no particular shape.

    Parameters
    ----------
    rng : np.random.Generator
    rate_hz : int
    longest_s : float
        Longest RT60.
    direct_db : tuple of float
        How far the direct sound may lie above all that follows.

    Returns
    -------
    np.ndarray [shape=(n,)]
    """
    reverberation_s = rng.uniform(0.15, longest_s)
    time_s = np.arange(int(reverberation_s * rate_hz)) / rate_hz
    tail = rng.standard_normal(len(time_s)) * 10 ** (-3 * time_s / reverberation_s)
    tail *= time_s >= rng.uniform(0.001, 0.004)
    tail *= 10 ** (-rng.uniform(*direct_db) / 20) / np.sqrt(np.sum(tail**2))
    tail[0] = 1.0
    return tail


def shoebox_room(
    rate_hz: int,
    *,
    size_m: npt.ArrayLike,
    source_m: npt.ArrayLike,
    microphone_m: npt.ArrayLike,
    reflection: float,
    orders: int,
    duration_s: float,
) -> Signal:
    """An empty room with six plane walls, by its image sources (Allen & Berkley 1979).

    Parameters
    ----------
    rate_hz : int
    size_m, source_m, microphone_m : array-like [shape=(3,)]
        Length, width and height; where the voice is, and where it is heard.
    reflection : float
        Share of the pressure that a wall gives back.
    orders : int
        How many rooms are mirrored in each direction.
    duration_s : float

    Returns
    -------
    np.ndarray [shape=(n,)]
        Its highest peak is 1.
    """
    size, source, microphone = np.asarray(size_m), np.asarray(source_m), np.asarray(microphone_m)
    images = np.array(list(product(range(-orders, orders + 1), repeat=3)))
    response = np.zeros(int(duration_s * rate_hz))
    for mirrored in product((0, 1), repeat=3):
        mirror = np.array(mirrored)
        distance_m = np.linalg.norm((1 - 2 * mirror) * source + 2 * images * size - microphone, axis=1)
        bounces = np.abs(images - mirror).sum(axis=1) + np.abs(images).sum(axis=1)
        delay = (distance_m / SPEED_OF_SOUND_M_PER_S * rate_hz).astype(int)
        near = delay < len(response)
        np.add.at(response, delay[near], reflection ** bounces[near] / distance_m[near])
    unit: Signal = response / np.abs(response).max()
    return unit
