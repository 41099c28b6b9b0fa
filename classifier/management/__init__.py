"""The commands of the site; some load the science themselves, and numba needs a place for compiled code before that.

In the image the usual place is read-only, and librosa could not even be imported.
"""

from __future__ import annotations

import atexit
import sys
from contextlib import ExitStack

from ml.errors import ModelError
from ml.serving.compiled import code_kept

_until_the_end = ExitStack()
try:
    _until_the_end.enter_context(code_kept())
except ModelError as error:
    sys.exit(error.message)
atexit.register(_until_the_end.close)
