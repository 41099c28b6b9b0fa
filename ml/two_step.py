"""Gender first, then the emotion among those of that gender's voices."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator

from ml.emotions import GENDERS
from ml.errors import CorpusError
from ml.extraction import Dataset
from ml.search import Trial, Within
from ml.specs import Spec

Floats = npt.NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class TwoStep:
    """One model tells the gender, and one for each gender tells the emotion; their scores are multiplied.

    Attributes
    ----------
    gender, emotion : Spec
    """

    gender: Spec
    emotion: Spec

    def fit(self, data: Dataset, *, seed: int) -> TwoStepModel:
        """All three models.

        Raises
        ------
        CorpusError
            Where a clip has no gender, or a gender has no two emotions.
        """
        return TwoStepModel(self, seed).fit(data)

    fit_plain = fit

    def varied(self, trial: Trial) -> TwoStep:
        """Both steps with other hyperparameters."""
        gender, emotion = self.gender.varied(Within(trial, "gender")), self.emotion.varied(Within(trial, "emotion"))
        return TwoStep(gender=gender, emotion=emotion)


class TwoStepModel(BaseEstimator):  # type: ignore[misc]
    """The fitted models of both steps.

    Parameters
    ----------
    spec : TwoStep
    seed : int
    """

    def __init__(self, spec: TwoStep, seed: int) -> None:
        self.spec = spec
        self.seed = seed

    def fit(self, data: Dataset) -> Self:
        """Fit all three models; see `TwoStep.fit`."""
        of_gender = {gender: data.rows(np.flatnonzero(data.genders == gender)) for gender in GENDERS}
        if sum(len(part) for part in of_gender.values()) < len(data):
            raise CorpusError("Telling the gender first needs to know the gender of every speaker; some have none.")
        if any(len(set(part.emotions)) < 2 for part in of_gender.values()):
            raise CorpusError("Telling the gender first needs clips of both genders, with two emotions of each.")
        self.classes_ = np.unique(data.emotions)
        self.gender_ = self.spec.gender.fit(replace(data, emotions=data.genders), seed=self.seed)
        self.emotion_ = {gender: self.spec.emotion.fit(part, seed=self.seed) for gender, part in of_gender.items()}
        return self

    def predict_proba(self, vectors: Floats) -> Floats:
        """Scores [shape=(n, labels)]; a label without a gender gets those of both."""
        scores = np.zeros((len(vectors), len(self.classes_)))
        for gender, share in zip(self.gender_.classes_, self.gender_.predict_proba(vectors).T, strict=True):
            step = self.emotion_[gender]
            columns = np.searchsorted(self.classes_, step.classes_)
            scores[:, columns] += share[:, None] * step.predict_proba(vectors)
        return scores
