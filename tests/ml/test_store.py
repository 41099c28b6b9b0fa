"""Models on disk: replaced whole or not at all, and never unpickled before they are verified."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sklearn

from ml import store
from ml.catalogue import Catalogue
from ml.errors import ModelError
from ml.recogniser import Recogniser
from ml.training import Trained
from tests.ml.killed_saves import save
from tests.recordings import voice, wav


class Canary:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


@pytest.fixture
def canary(tmp_path: Path) -> Path:
    """A file that only a canary writes."""
    return tmp_path / "the-pickle-ran"


def plant(model_dir: Path, canary: Path, **manifest: Any) -> store.StoredModel:
    """Put a canary in place of the model's pickle, and change the manifest."""
    stored = store.find("quick", roots=(model_dir,))
    stored.pickle_path.write_bytes(pickle.dumps(Canary(canary)))
    return rewrite(stored, **manifest)


def rewrite(stored: store.StoredModel, **changes: Any) -> store.StoredModel:
    """The model with other entries in its manifest."""
    path = stored.folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))
    return store.find(stored.manifest.name, roots=(stored.folder.parent.parent,))


def sha256(stored: store.StoredModel) -> str:
    return hashlib.sha256(stored.pickle_path.read_bytes()).hexdigest()


def test_a_saved_model_is_found_and_loaded(trained: Trained, model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    assert asdict(stored.manifest) == json.loads(json.dumps(asdict(trained.stored.manifest)))
    assert Recogniser.load(stored).classify(wav(voice())).model.version == stored.manifest.version


def test_the_canary_sings_when_a_pickle_runs(model_dir: Path, canary: Path) -> None:
    """Otherwise the tests below would show nothing."""
    stored = plant(model_dir, canary)
    store.load_pickle(rewrite(stored, sha256=sha256(stored)))
    assert canary.exists()


def test_a_replaced_pickle_never_runs(model_dir: Path, canary: Path) -> None:
    with pytest.raises(ModelError, match="not the one its manifest describes"):
        Recogniser.load(plant(model_dir, canary))
    assert not canary.exists()


def test_a_pickle_with_one_changed_bit_never_runs(model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    content = bytearray(stored.pickle_path.read_bytes())
    content[len(content) // 2] ^= 1
    stored.pickle_path.write_bytes(content)
    with pytest.raises(ModelError, match="not the one its manifest describes"):
        Recogniser.load(stored)


def test_an_unpinned_pickle_never_runs_even_if_its_manifest_vouches_for_it(model_dir: Path, canary: Path) -> None:
    stored = plant(model_dir, canary)
    vouched = rewrite(stored, sha256=sha256(stored))
    with pytest.raises(ModelError, match="not pinned by MODEL_SHA256"):
        Recogniser.load(vouched, pinned_sha256=frozenset({"0" * 64}))
    assert not canary.exists()


@pytest.mark.parametrize("version", ["1.0.0", sklearn.__version__ + ".1", None])
def test_a_pickle_of_another_scikit_learn_never_runs(model_dir: Path, canary: Path, version: str | None) -> None:
    stored = plant(model_dir, canary)
    with pytest.raises(ModelError, match="Retrain it"):
        Recogniser.load(rewrite(stored, sha256=sha256(stored), libraries={"scikit-learn": version}))
    assert not canary.exists()


def test_a_pinned_pickle_is_loaded(model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    Recogniser.load(stored, pinned_sha256=frozenset({"0" * 64, stored.manifest.sha256}))


def changed_answers(stored: store.StoredModel, share: float) -> list[dict[str, Any]]:
    """The known answers with the first label's score moved."""
    answers: list[dict[str, Any]] = json.loads(json.dumps(stored.manifest.known_answers))
    for answer in answers:
        answer["scores"][stored.manifest.labels[0]] += share
    return answers


@pytest.mark.parametrize("share", [0.02, -0.02, float("nan")])
def test_a_model_that_answers_otherwise_than_at_training_is_refused(model_dir: Path, share: float) -> None:
    stored = store.find("quick", roots=(model_dir,))
    with pytest.raises(ModelError, match="must be retrained"):
        Recogniser.load(rewrite(stored, known_answers=changed_answers(stored, share)))


def test_rounding_of_another_processor_is_no_other_answer(model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    Recogniser.load(rewrite(stored, known_answers=changed_answers(stored, 1e-4)))


@pytest.mark.parametrize(
    "changes",
    [
        {"known_answers": []},
        {"known_answers": [{}] * 4},
        {"features": {}},
        {"features": {"name": "mfcc+unheard-of", "version": 1, "names": []}},
        {"conditioning": {"trim": {"unheard_of": 1}}},
        {"conditioning": None},
        {"labels": ["only one"]},
        {"calibration": {}},
        {"libraries": []},
    ],
    ids=str,
)
def test_a_manifest_that_makes_no_sense_is_refused_with_a_sentence(model_dir: Path, changes: dict[str, Any]) -> None:
    with pytest.raises(ModelError):
        Recogniser.load(rewrite(store.find("quick", roots=(model_dir,)), **changes))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", "null", "\x00\xff", '{"unheard_of": 1}'])
def test_a_manifest_that_cannot_be_read_is_refused_with_a_sentence(model_dir: Path, text: str) -> None:
    stored = store.find("quick", roots=(model_dir,))
    (stored.folder / "manifest.json").write_text(text)
    with pytest.raises(ModelError, match="manifest"):
        store.find("quick", roots=(model_dir,))


@pytest.mark.parametrize("text", [None, "", "[]", "{}"])
def test_what_it_was_trained_on_must_be_readable(model_dir: Path, text: str | None) -> None:
    stored = store.find("quick", roots=(model_dir,))
    training = stored.folder / "training.json"
    training.unlink() if text is None else training.write_text(text)
    with pytest.raises(ModelError, match=r"training\.json"):
        stored.trained_on()


def test_a_missing_pickle_is_refused_with_a_sentence(model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    stored.pickle_path.unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        Recogniser.load(stored)


@pytest.mark.parametrize("content", [b"", b"\x80\x05", b"cnowhere\nnothing\n."])
def test_a_pickle_that_cannot_be_unpickled_is_refused_with_a_sentence(model_dir: Path, content: bytes) -> None:
    stored = store.find("quick", roots=(model_dir,))
    stored.pickle_path.write_bytes(content)
    with pytest.raises(ModelError, match="cannot be loaded"):
        Recogniser.load(rewrite(stored, sha256=sha256(stored)))


def test_a_pickle_of_something_else_is_refused_with_a_sentence(model_dir: Path) -> None:
    stored = store.find("quick", roots=(model_dir,))
    stored.pickle_path.write_bytes(pickle.dumps("no estimator"))
    with pytest.raises(ModelError):
        Recogniser.load(rewrite(stored, sha256=sha256(stored)))


def test_the_last_three_versions_stay(tmp_path: Path) -> None:
    for version in ("a", "b", "c", "d", "e"):
        save(tmp_path, version)
    assert store.versions("model", tmp_path) == ["c", "d", "e"]
    assert store.find("model", roots=(tmp_path,)).manifest.version == "e"
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == ["c", "current", "d", "e"]


def test_versions_are_named_so_that_they_sort_by_age() -> None:
    assert store.new_version() < store.new_version()


def test_the_pointer_moves_back_and_forth(tmp_path: Path) -> None:
    for version in ("a", "b"):
        save(tmp_path, version)
    for version in ("a", "b", "a"):
        store.point(tmp_path, "model", version)
        assert store.find("model", roots=(tmp_path,)).manifest.version == version


def test_a_new_version_is_served_after_a_roll_back(tmp_path: Path) -> None:
    for version in ("a", "b"):
        save(tmp_path, version)
    store.point(tmp_path, "model", "a")
    save(tmp_path, "c")
    assert store.find("model", roots=(tmp_path,)).manifest.version == "c"


@pytest.mark.parametrize("version", ["z", "", ".", "..", "../model/a"])
def test_the_pointer_does_not_move_to_what_is_not_there(tmp_path: Path, version: str) -> None:
    save(tmp_path, "a")
    with pytest.raises(ModelError, match="there is a"):
        store.point(tmp_path, "model", version)
    assert store.find("model", roots=(tmp_path,)).manifest.version == "a"


def test_a_version_can_be_asked_for_by_name(tmp_path: Path) -> None:
    for version in ("a", "b"):
        save(tmp_path, version)
    assert store.find("model", roots=(tmp_path,), version="a").manifest.version == "a"
    with pytest.raises(ModelError, match="no model model z"):
        store.find("model", roots=(tmp_path,), version="z")


@pytest.mark.parametrize("name", ["", ".", "..", "../elsewhere", "a/b", "/absolute", ".hidden", "a b", "naïve"])
def test_a_name_is_one_plain_word(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        save(tmp_path / "models", "a", name=name)
    assert not list(tmp_path.rglob("model.pkl"))


def test_a_model_dir_falls_back_to_the_shipped_models(model_dir: Path, tmp_path: Path) -> None:
    empty = tmp_path / "volume"
    for roots in ((empty, model_dir), (model_dir, empty)):
        assert store.find("quick", roots=roots).folder.parent.parent == model_dir
    catalogue = Catalogue.load(model_dir=empty, default="quick", shipped_dir=model_dir)
    assert list(catalogue.recognisers) == ["quick"]


def test_a_model_of_ones_own_comes_before_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    save(tmp_path / "own", "a")
    save(tmp_path / "shipped", "b")
    assert store.find("model", roots=(tmp_path / "own", tmp_path / "shipped")).manifest.version == "a"


def test_a_name_that_nobody_has_is_told_where_it_was_sought(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=str(tmp_path)):
        store.find("nobody", roots=(tmp_path,))


def test_another_model_that_is_refused_leaves_the_default_serving(model_dir: Path, canary: Path) -> None:
    shutil.copytree(model_dir / "quick", model_dir / "bad")
    stored = store.find("bad", roots=(model_dir,))
    stored.pickle_path.write_bytes(pickle.dumps(Canary(canary)))
    catalogue = Catalogue.load(model_dir=model_dir, default="quick", shipped_dir=model_dir)
    assert list(catalogue.recognisers) == ["quick"]
    assert len(catalogue.warnings) == 1
    assert not canary.exists()


def test_a_default_that_is_refused_is_no_catalogue(model_dir: Path, canary: Path) -> None:
    plant(model_dir, canary)
    with pytest.raises(ModelError):
        Catalogue.load(model_dir=model_dir, default="quick", shipped_dir=model_dir)
    assert not canary.exists()


@pytest.mark.parametrize("pins", ["{}", " {} , " + "0" * 64, "0" * 64 + ",{}"])
def test_several_pins_are_separated_by_commas(model_dir: Path, pins: str) -> None:
    pin = store.find("quick", roots=(model_dir,)).manifest.sha256.upper()
    load = {"model_dir": model_dir, "default": "quick", "shipped_dir": model_dir}
    assert Catalogue.load(**load, pinned_sha256=pins.format(pin)).default == "quick"  # type: ignore[arg-type]
    with pytest.raises(ModelError, match="MODEL_SHA256"):
        Catalogue.load(**load, pinned_sha256="0" * 64)  # type: ignore[arg-type]


def test_a_save_killed_at_any_step_leaves_the_old_version_serving(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.ml.killed_saves", str(tmp_path)], check=True, timeout=120)
    served = []
    for step in sorted(tmp_path.iterdir(), key=lambda path: int(path.name)):
        stored = store.find("model", roots=(step,))
        served.append(stored.manifest.version)
        assert store.load_pickle(rewrite(stored, libraries={"scikit-learn": sklearn.__version__})) == served[-1]
        assert store.names((step,)) == ["model"]
        save(step, "youngest")  # whatever was left behind is not in its way
        assert store.find("model", roots=(step,)).manifest.version == "youngest"
    assert served[-1] == "young"
    assert served.count("old") > 8
    assert served == sorted(served)  # once young, always young


def test_what_killed_trainings_left_behind_is_swept_up_in_time(tmp_path: Path) -> None:
    save(tmp_path, "a")
    old, young = (tmp_path / "model" / f"{store.UNFINISHED}{age}" for age in ("old", "young"))
    for folder in (old, young):
        (folder / "b").mkdir(parents=True)
    os.utime(old, (0, 0))
    save(tmp_path, "c")
    assert not old.exists()
    assert young.exists()  # it may be another training's that still runs
