"""What a recipe fits: hyperparameters that a reader understands at a glance, and how they become an estimator."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Protocol

from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from ml.banks import BankModel
from ml.component_vote import ComponentVote
from ml.components import Components
from ml.estimators import LineBands, SoftVote, quietly_fitted
from ml.extraction import Dataset
from ml.search import Trial, layers
from ml.views import Views

NEVER = 1_000_000


class Spec(Protocol):
    """Hyperparameters that can be fitted."""

    def fit(self, data: Dataset, *, seed: int) -> Any:
        """A fitted model, with `predict_proba` and `classes_`, whole as it is served."""

    def fit_plain(self, data: Dataset, *, seed: int) -> Any:
        """A fitted model without the parts that clean clips of strangers never reach."""

    def varied(self, trial: Trial) -> Spec:
        """The same kind of model with hyperparameters that a trial suggests."""


@dataclass(frozen=True, kw_only=True)
class Mlp:
    """scikit-learn's MLPClassifier with Adam; its defaults where nothing is said.

    Attributes
    ----------
    hidden : tuple of int
        Units of each hidden layer.
    alpha : float
        L2 penalty.
    batch_size : int
    epochs : int
        At most.
    patience : int or None
        Epochs without progress after which training stops; None always trains for all epochs.
    learning_rate : str
        `adaptive` is what the notebooks wrote; scikit-learn heeds it only with SGD.
    """

    hidden: tuple[int, ...]
    alpha: float
    batch_size: int
    epochs: int
    patience: int | None = 10
    learning_rate: str = "constant"

    def build(self, *, seed: int) -> MLPClassifier:
        """An unfitted network."""
        return MLPClassifier(
            hidden_layer_sizes=self.hidden,
            alpha=self.alpha,
            batch_size=self.batch_size,
            max_iter=self.epochs,
            n_iter_no_change=self.patience or NEVER,
            learning_rate=self.learning_rate,
            random_state=seed,
        )

    def fit(self, data: Dataset, *, seed: int) -> MLPClassifier:
        """A network fitted on the vectors as they are, without a scaler."""
        network: MLPClassifier = quietly_fitted(self.build(seed=seed), data.vectors, data.emotions)
        return network

    fit_plain = fit

    def varied(self, trial: Trial) -> Mlp:
        """A network of other width, penalty, batches and epochs."""
        return replace(
            self,
            hidden=layers(trial),
            alpha=trial.suggest_float("alpha", 1e-4, 10.0, log=True),
            batch_size=trial.suggest_categorical("batch_size", [32, 64, 128, 256]),
            epochs=trial.suggest_int("epochs", 5, 500, log=True),
        )


@dataclass(frozen=True, kw_only=True)
class BankVote:
    """Banks of scaled networks (`ml.banks`), each bank's scores averaged and calibrated.

    Attributes
    ----------
    member : Mlp
    members : int
        Networks in each bank.
    personal_epochs : int
        Epochs of the bank that knows the speaker's normal voice: its input is twice as wide, and it overfits sooner.
    n_mfcc : int
        How many columns are cepstral coefficients, the first ones.
    log_from : int
        First column of the mel powers.
    line_bands : tuple of int
        The mel bands that every telephone line carries, from the one to before the other.
    """

    member: Mlp
    members: int
    personal_epochs: int
    n_mfcc: int
    log_from: int
    line_bands: tuple[int, int]

    def fit(self, data: Dataset, *, seed: int) -> BankModel:
        """All three banks."""
        return self._build(seed).fit(data)

    def fit_plain(self, data: Dataset, *, seed: int) -> BankModel:
        """Only the bank for clean clips of strangers."""
        return self._build(seed).fit_wide(data)

    def varied(self, trial: Trial) -> BankVote:
        """Banks of other networks, shallow ones that train for few epochs."""
        member = replace(
            self.member,
            hidden=(trial.suggest_int("units", 32, 256, log=True),),
            alpha=trial.suggest_float("alpha", 1e-2, 10.0, log=True),
            batch_size=trial.suggest_categorical("batch_size", [64, 128, 256]),
            epochs=trial.suggest_int("epochs", 5, 40, log=True),
        )
        return replace(self, member=member)

    def _build(self, seed: int) -> BankModel:
        personal = replace(self.member, epochs=self.personal_epochs)
        line = LineBands(self.n_mfcc, self.log_from, self.line_bands)
        return BankModel(
            wide=make_pipeline(*self._vote(self.member, seed)),
            narrow=make_pipeline(line, *self._vote(self.member, seed)),
            personal=make_pipeline(*self._vote(personal, seed)),
            log_from=self.log_from,
        )

    def _vote(self, member: Mlp, seed: int) -> tuple[StandardScaler, SoftVote]:
        seeds = range(seed * self.members, (seed + 1) * self.members)
        return StandardScaler(), SoftVote(member.build(seed=seed), seeds)


@dataclass(frozen=True, kw_only=True)
class View:
    """An equal part of the features, with a vote of its own.

    Attributes
    ----------
    components : int
        Principal components that it is brought down to.
    weight : float
        Of its log-scores among those of all views.
    """

    components: int
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class ExpressiveVote:
    """Views of a clip (`ml.views`), each with discriminants and networks on principal components.

    Attributes
    ----------
    views : tuple of View
        The features in as many equal parts, in order.
    heavy : int
        The first so many features of each part count `heavy_weight` times.
    heavy_weight : float
    shrinkage : float
        Of the covariance within emotions.
    network : Mlp
    networks : int
    network_weight : float
        Of the networks in the vote; the discriminant's is 1.
    """

    views: tuple[View, ...]
    heavy: int
    heavy_weight: float
    shrinkage: float
    network: Mlp
    networks: int
    network_weight: float

    def fit(self, data: Dataset, *, seed: int) -> Views:
        """The whole vote."""
        return self._build(seed).fit(data)

    def fit_plain(self, data: Dataset, *, seed: int) -> Views:
        """Only what hears strangers without a baseline."""
        return self._build(seed).fit_plain(data)

    def varied(self, trial: Trial) -> ExpressiveVote:
        """Other components, and another balance between discriminant and networks."""
        network = replace(
            self.network,
            hidden=(trial.suggest_int("units", 32, 256, log=True),),
            alpha=trial.suggest_float("alpha", 1e-2, 10.0, log=True),
            epochs=trial.suggest_int("epochs", 4, 30, log=True),
        )
        components = trial.suggest_int("components", 100, 900, log=True)
        return replace(
            self,
            network=network,
            views=tuple(replace(view, components=components) for view in self.views),
            heavy_weight=trial.suggest_float("heavy_weight", 0.5, 4.0, log=True),
            shrinkage=trial.suggest_float("shrinkage", 0.05, 0.8),
            network_weight=trial.suggest_float("network_weight", 0.1, 2.0, log=True),
        )

    def _build(self, seed: int) -> Views:
        vote = ComponentVote(
            self.network.build(seed=seed),
            n_networks=self.networks,
            network_weight=self.network_weight,
            shrinkage=self.shrinkage,
            seed=seed,
        )
        components = [Components(view.components, self.heavy, self.heavy_weight) for view in self.views]
        return Views(components, [view.weight for view in self.views], vote)
