"""What the tests share: a miniature RAVDESS of synthesised voices, and a tiny model trained on it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from ml.corpora.ravdess import read_ravdess
from ml.datasets import load_dataset
from ml.extraction import Dataset, Extractor, default_cache_dir
from ml.protocols import PublishedSplit
from ml.recipes import CLASSIC, FEELINGFINE, Recipe
from ml.specs import Mlp
from ml.training import Trained, train
from ml.traits import CONDITIONING, TraitSet
from tests.chromium import playwright
from tests.recordings import write_miniature_corpus

__all__ = ["playwright"]  # a fixture for all

ACTORS = (1, 4, 8, 3)  # of four of the published folds


@dataclass(frozen=True)
class Miniature:
    """The miniature corpus, unpacked and as the zip that is published."""

    folder: Path
    zip: Path
    clips: int = len(ACTORS) * 8 * 2


@pytest.fixture(scope="session", autouse=True)
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where vectors are kept between tests; never the user's own cache."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("UNDERTONE_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def miniature(tmp_path_factory: pytest.TempPathFactory) -> Miniature:
    """Four speakers, eight emotions, two sentences."""
    folder = tmp_path_factory.mktemp("ravdess") / "speech"
    write_miniature_corpus(folder, actors=ACTORS)
    archive = shutil.make_archive(str(folder.with_name("Audio_Speech_Actors_01-24")), "zip", folder)
    return Miniature(folder, Path(archive))


@pytest.fixture(scope="session")
def quick_recipe() -> Recipe:
    """A recipe from the field in small: one little network, and one random split a seed."""
    return replace(
        FEELINGFINE,
        name="quick",
        model=Mlp(hidden=(24,), alpha=0.01, batch_size=8, epochs=40),
        conditioning=CLASSIC.conditioning,
        split=PublishedSplit(test_size=0.25, seed=0),
    )


@pytest.fixture(scope="session")
def dataset(miniature: Miniature, quick_recipe: Recipe, cache_dir: Path) -> Dataset:
    """The vectors of the miniature corpus."""
    extractor = Extractor(quick_recipe.conditioning, quick_recipe.feature_set, cache_dir)
    return load_dataset(read_ravdess(miniature.folder), extractor, labels=quick_recipe.labels, jobs=1)


@pytest.fixture(scope="session")
def trained(
    dataset: Dataset, miniature: Miniature, quick_recipe: Recipe, tmp_path_factory: pytest.TempPathFactory
) -> Trained:
    """A model trained on the miniature corpus and saved; tests that change it take `model_dir`."""
    describer = Extractor(CONDITIONING, TraitSet(), default_cache_dir())
    traits = load_dataset(read_ravdess(miniature.folder), describer, labels=quick_recipe.labels, jobs=1)
    return train(quick_recipe, dataset, traits, model_dir=tmp_path_factory.mktemp("models"), jobs=1)


@pytest.fixture
def model_dir(trained: Trained, tmp_path: Path) -> Path:
    """A MODEL_DIR of one's own, with the model that was trained on the miniature corpus."""
    return shutil.copytree(trained.stored.folder.parent.parent, tmp_path / "models")


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)
