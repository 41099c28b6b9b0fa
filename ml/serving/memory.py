"""Giving back memory that only loading the models needed: the compiler's code, and what the heap keeps for later.

Numba reads its compiled functions with LLVM, 60 MB of code that no clip needs afterwards. The pages come back from the
file, should anything ask for them.
"""

from __future__ import annotations

import ctypes
import sys
from pathlib import Path

COMPILER = "libllvmlite"
DO_NOT_NEED = 4  # MADV_DONTNEED: what is only read from a file is read again when it is touched


def give_back() -> None:
    """Do what the system offers of it; elsewhere than on Linux, nothing."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):  # GNU's alone
        libc.malloc_trim(0)
    for start, end in _mapped(COMPILER):
        libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), DO_NOT_NEED)


def _mapped(library: str) -> list[tuple[int, int]]:
    """Where the instructions of a library lie in memory."""
    fields = (line.split() for line in Path("/proc/self/maps").read_text("utf-8", "replace").splitlines())
    ranges = (of[0] for of in fields if len(of) > 5 and library in of[5] and of[1] == "r-xp")
    return [(int(start, 16), int(end, 16)) for start, end in (of.split("-") for of in ranges)]
