"""The science of Undertone: audio in, emotion out. It knows nothing of Django and runs in a notebook.

>>> from ml import load_model
>>> model = load_model()
>>> heard = model.classify("samples/furious.wav")
>>> heard.emotion in model.labels and 0 < heard.confidence <= 1
True
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ml.model import Model, load_model

__all__ = ["Model", "load_model"]


def __getattr__(name: str) -> Any:
    """What is public is loaded when it is first asked for: the web process imports this package without any science."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from ml import model

    return getattr(model, name)
