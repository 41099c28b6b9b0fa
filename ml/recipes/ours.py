"""Our own recipes: those of the shipped models."""

from __future__ import annotations

from ml.audio import Conditioning, Levelling
from ml.features.families import FAMILIES
from ml.features.functionals import FUNCTIONAL_NAMES
from ml.recipes.recipe import Recipe
from ml.specs import BankVote, ExpressiveVote, Mlp, View
from ml.trimming import BandTrim, LevelTrim

CLASSIC = Recipe(
    name="classic",
    summary="Ours: the field's 180 numbers from trimmed, evenly loud speech; votes of small networks, calibrated.",
    model=BankVote(
        member=Mlp(hidden=(100,), alpha=0.3, batch_size=128, epochs=15, patience=None),
        members=4,
        personal_epochs=12,
        n_mfcc=len(FAMILIES["mfcc"].names),
        log_from=len(FAMILIES["mfcc"].names) + len(FAMILIES["chroma"].names),
        line_bands=(14, 92),  # 350 to 3,300 Hz of 128 bands at 16 kHz
    ),
    conditioning=Conditioning(rate_hz=16_000, trim=LevelTrim(), levelling=Levelling()),
    copies=(
        *("speed-0.83", "speed-0.9", "speed-1.1", "speed-1.2", "white-noise", "pink-noise"),
        *("walls", "speed-0.9+walls", "speed-1.1+walls", "talkers"),
        *("telephone", "telephone-rate", "telephone+speed-0.9", "telephone+speed-1.1"),
        *("some-telephone", "speed-0.9+some-telephone", "speed-1.1+some-telephone"),
    ),
)

EXPRESSIVE = Recipe(
    name="expressive",
    summary="Ours: how contours run, and how they move together; discriminants and networks, calibrated.",
    model=ExpressiveVote(
        views=(View(components=500), View(components=450, weight=0.85)),
        heavy=len(FUNCTIONAL_NAMES),
        heavy_weight=1.6,
        shrinkage=0.2,
        network=Mlp(hidden=(256,), alpha=1.0, batch_size=64, epochs=8, patience=None),
        networks=2,
        network_weight=0.5,
    ),
    features="expressive-31988",
    conditioning=Conditioning(rate_hz=16_000, trim=BandTrim()),
    right_when_certain=0.8,
    copies=(
        *("degraded-1", "degraded-2", "degraded-3", "room", "walls", "talkers", "some-telephone"),
        *("speed-0.9", "speed-1.1", "speed-0.9+some-telephone", "speed-1.1+some-telephone"),
    ),
)
