"""What others reach on the same recordings, so that a figure means something to a newcomer."""

from __future__ import annotations

from dataclasses import dataclass

HUMAN_LISTENERS = 0.624
"""Share of the RAVDESS speech clips in which human listeners named the acted emotion."""


@dataclass(frozen=True, slots=True)
class Reference:
    """Somebody else's figure on the RAVDESS speech clips, eight emotions, for speakers never heard.

    Attributes
    ----------
    who : str
    accuracy, uar : float or None
        Share that was right; unweighted average recall. Each where it is known.
    """

    who: str
    accuracy: float | None = None
    uar: float | None = None


ON_RAVDESS = (
    Reference("The network that tutorials teach, on 180 numbers like those of classic", accuracy=0.37),
    Reference("People who listened", accuracy=HUMAN_LISTENERS),
    Reference("Best published with hand-crafted features (ComParE 2016, logistic regression)", uar=0.636),
    Reference("Best published with a large pretrained network (XLS-R, frozen; needs a GPU to be quick)", uar=0.819),
)
