"""Deep networks of the field: published, and not trained here yet."""

from __future__ import annotations

from ml.recipes import capstone_7, ravdess_16
from ml.recipes.recipe import Awaited, Published

_ON_SPEECH_AND_SONG = (
    ("cnn", "A convolutional network on 66 principal components of the 180 numbers.", 0.68),
    ("vgg16", "VGG 16 on pictures of mel spectrograms.", 0.73),
    ("rnn", "A recurrent network.", 0.18),
    ("mobilenet", "MobileNet on pictures of mel spectrograms.", 0.56),
    ("vgg19-pretrained", "VGG 19, trained before on other pictures.", 0.59),
    ("vgg19", "VGG 19 on pictures of mel spectrograms.", 0.46),
    ("vote-vgg16-cnn", "Votes of VGG 16 and the convolutional network.", 0.78),
)

_ROWS = (
    *(
        Awaited(
            name=f"ravdess-16-{name}",
            summary=summary,
            corpora=("ravdess", "song"),
            published=Published(accuracy=accuracy, source=ravdess_16.SOURCE),
        )
        for name, summary, accuracy in _ON_SPEECH_AND_SONG
    ),
    Awaited(
        name="capstone-7-conv1d",
        summary="A one-dimensional convolutional network on the 184 numbers.",
        corpora=("ravdess", "tess", "savee"),
        published=Published(accuracy=0.90, source=capstone_7.SOURCE),
    ),
)

AWAITED = {row.name: row for row in _ROWS}
