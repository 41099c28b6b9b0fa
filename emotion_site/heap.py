"""The heap of the web process: what an upload took goes back to the system once it is answered."""

from __future__ import annotations

import ctypes
import sys

LARGE_BYTES = 2**18
MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD of malloc.h


def keep_large_blocks_apart() -> None:
    """Give each large block pages of its own, where the C library is GNU's.

    By itself it learns from the first such block that is freed to keep the next ones in its heaps, of which threads
    have several: together they then hold a multiple of what all uploads may take.
    """
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(MMAP_THRESHOLD, LARGE_BYTES)
