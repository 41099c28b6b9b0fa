"""Models on disk: a folder a version, a pointer to the one served, and nothing unpickled before it is verified.

<root>/<name>/current                 the version served
<root>/<name>/<version>/model.pkl     the pickled estimator
manifest.json what it is, where it comes from, how well it hears
MODEL_CARD.md the same, for people
training.json the hash of every clip it was trained on
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import tempfile
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sklearn

from ml import folders
from ml.card import facts
from ml.card.markdown import model_card
from ml.errors import ModelError

SHIPPED_DIR = Path(__file__).parent / "models"
KEPT_VERSIONS = 3
UNFINISHED = ".unfinished-"
ABANDONED_AFTER_S = 3600


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a model is, where it comes from and how well it hears; `manifest.json`."""

    name: str
    version: str
    created: str
    sha256: str
    features: dict[str, Any]
    conditioning: dict[str, Any]
    labels: list[str]
    libraries: dict[str, str]
    recipe: dict[str, Any]
    corpora: list[dict[str, Any]]
    figures: dict[str, Any]
    robustness: dict[str, dict[str, float]]
    calibration: dict[str, Any]
    loss_curves: list[list[float]]
    traits: dict[str, dict[str, float]]
    known_answers: list[dict[str, Any]]
    licence: str
    importance: dict[str, float] = field(default_factory=dict)

    def summary(self) -> dict[str, Any]:
        """What there is to tell of it: all but what only the recogniser needs, and of the features only how many."""
        told = {name: value for name, value in vars(self).items() if name not in ("traits", "known_answers")}
        features = {"features": self.features["name"], "feature_count": len(self.features["names"])}
        return {**told, **features, "classes": self.labels}


@dataclass(frozen=True)
class TrainedOn:
    """What a model has heard; `training.json`.

    Attributes
    ----------
    clips : frozenset of str
        Hashes of the clips' samples (`Clip.digest`).
    speakers : frozenset of str
    """

    clips: frozenset[str]
    speakers: frozenset[str]


@dataclass(frozen=True)
class StoredModel:
    """A complete model folder that has been found but not yet verified."""

    folder: Path
    manifest: Manifest

    @property
    def pickle_path(self) -> Path:
        """The pickled estimator."""
        return self.folder / "model.pkl"

    def trained_on(self) -> TrainedOn:
        """What the model has heard; see `TrainedOn`.

        Raises
        ------
        ModelError
        """
        try:
            known = json.loads((self.folder / "training.json").read_text())
            return TrainedOn(frozenset(known["clips"]), frozenset(known["speakers"]))
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise ModelError(f"{self.folder / 'training.json'} cannot be read: {error!r}.") from error


def plain_name(text: str) -> str:
    """The text, where it can name a model.

    Raises
    ------
    ValueError
        With a sentence for the user.
    """
    if not folders.NAME.fullmatch(text):
        raise ValueError(f"A model's name is one word of letters, digits, '.', '_' and '-', not {text!r}.")
    return text


def new_version() -> str:
    """A version named for this moment, so that names sort by age."""
    return datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def find(name: str, *, roots: tuple[Path, ...], version: str | None = None) -> StoredModel:
    """Find a model by name in the first root that has it and lets it be read.

    Parameters
    ----------
    name : str
    roots : tuple of Path
        Searched in order: `MODEL_DIR`, then the shipped models.
    version : str, optional
        By default the one that `current` names.

    Raises
    ------
    ModelError
        Where there is none, or its manifest cannot be read.
    """
    for root in roots:
        folder = folders.version_folder(root, name, version)
        if folder:
            return StoredModel(folder, _read_manifest(folder))
    wanted = f"{name} {version}" if version else name
    passed_over = [sentence for root in roots for sentence in unreadable(root)]
    raise ModelError(" ".join([f"There is no model {wanted} in {' or '.join(map(str, roots))}.", *passed_over]))


def unreadable(root: Path) -> list[str]:
    """A sentence about each thing in a folder of models that may not be read, and is therefore passed over."""
    return [f"{path} may not be read by the user that runs this." for path in folders.unreadable(root)]


def names(roots: tuple[Path, ...]) -> list[str]:
    """The models that have a version to serve, by name."""
    return sorted({name for root in roots for name in folders.names(root)})


def versions(name: str, root: Path) -> list[str]:
    """The complete versions of a model under one root, oldest first."""
    return sorted(path.parent.name for path in (root / name).glob("*/manifest.json"))


def _read_manifest(folder: Path) -> Manifest:
    try:
        return Manifest(**json.loads((folder / "manifest.json").read_text()))
    except (OSError, ValueError, TypeError) as error:
        raise ModelError(f"The manifest of {folder.parent.name} {folder.name} cannot be read: {error}.") from error


def parse_pins(text: str | None) -> frozenset[str]:
    """The hashes in a setting that holds one or more, separated by commas."""
    return frozenset(part.strip().lower() for part in (text or "").split(",") if part.strip())


def load_pickle(stored: StoredModel, *, pinned_sha256: frozenset[str] = frozenset()) -> Any:
    """Unpickle an estimator once everything that can be checked has been.

    Parameters
    ----------
    stored : StoredModel
    pinned_sha256 : frozenset of str
        Where given, only pickles with one of these hashes may run: the hash in the manifest proves that the file is
        whole, only a pin kept elsewhere proves where it comes from.

    Raises
    ------
    ModelError
        Before a byte of the pickle runs: wrong hash, not pinned, or trained with another scikit-learn.
    """
    manifest = stored.manifest
    label = f"{manifest.name} {manifest.version}"
    try:
        content = stored.pickle_path.read_bytes()
    except OSError as error:
        raise ModelError(f"The pickle of {label} cannot be read: {error}.") from error
    digest = hashlib.sha256(content).hexdigest()
    if digest != manifest.sha256:
        raise ModelError(f"The pickle of {label} is not the one its manifest describes (SHA-256 {digest}).")
    if pinned_sha256 and digest not in pinned_sha256:
        raise ModelError(f"The pickle of {label} is not pinned by MODEL_SHA256 (its SHA-256 is {digest}).")
    trained_with = manifest.libraries.get("scikit-learn")
    if trained_with != sklearn.__version__:
        raise ModelError(
            f"{label} was trained with scikit-learn {trained_with}; this is {sklearn.__version__}. Retrain it."
        )
    try:
        return pickle.loads(content)  # noqa: S301 (verified above)
    except Exception as error:
        raise ModelError(f"The pickle of {label} cannot be loaded: {error}.") from error


def save(root: Path, *, estimator: Any, manifest: dict[str, Any], training: dict[str, list[str]]) -> StoredModel:
    """Write a new version and point `current` at it, so that a kill at any moment leaves the old one serving.

    Parameters
    ----------
    root : Path
    estimator : object
        What is pickled.
    manifest : dict
        The fields of `Manifest` but `sha256`, which is computed here.
    training : dict
        The fields of `TrainedOn`.

    Returns
    -------
    StoredModel

    Raises
    ------
    ValueError
        Where the name is none.
    ModelError
        Where the folder cannot be written.
    """
    plain_name(manifest["name"])
    content = pickle.dumps(estimator, protocol=5)
    complete = Manifest(**manifest, sha256=hashlib.sha256(content).hexdigest())
    try:
        folder = _add_version(root, complete, content, training)
    except OSError as error:
        raise ModelError(f"{complete.name} cannot be saved in {root}: {error.strerror}.") from error
    point(root, complete.name, complete.version)
    _forget_old(root, complete.name)
    return StoredModel(folder, complete)


def _add_version(root: Path, complete: Manifest, content: bytes, training: dict[str, list[str]]) -> Path:
    parent = root / complete.name
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=parent) as scratch:
        unfinished = Path(scratch) / complete.version
        unfinished.mkdir(mode=0o755)
        _write(unfinished / "model.pkl", content)
        _write(unfinished / "manifest.json", _as_json(asdict(complete)))
        _write(unfinished / "training.json", _as_json(training))
        _write(unfinished / "MODEL_CARD.md", model_card(facts.read(complete.summary())).encode())
        _sync_folder(unfinished)
        folder = parent / complete.version
        unfinished.rename(folder)
    _sync_folder(parent)
    return folder


def point(root: Path, name: str, version: str) -> None:
    """Make a version the one that is served.

    Raises
    ------
    ModelError
        Where that version does not exist; the message lists those that do. Or where the folder cannot be written.
    """
    try:
        available = versions(name, root)
        if version not in available:
            raise ModelError(f"There is no {name} {version} in {root}; there is {', '.join(available) or 'none'}.")
        fresh = root / name / f"{UNFINISHED}{os.getpid()}"
        _write(fresh, f"{version}\n".encode())
        fresh.replace(root / name / folders.CURRENT)
        _sync_folder(root / name)
    except OSError as error:
        raise ModelError(f"The version of {name} in {root} cannot be changed: {error.strerror}.") from error


def _forget_old(root: Path, name: str) -> None:
    current = (root / name / "current").read_text().strip()
    for version in versions(name, root)[:-KEPT_VERSIONS]:
        if version != current:
            shutil.rmtree(root / name / version)
    for unfinished in (root / name).glob(f"{UNFINISHED}*/"):  # of trainings that were killed
        if time.time() - unfinished.stat().st_mtime > ABANDONED_AFTER_S:
            shutil.rmtree(unfinished)


def _as_json(value: Any) -> bytes:
    return json.dumps(value, indent=1, ensure_ascii=False).encode() + b"\n"


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
