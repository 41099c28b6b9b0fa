"""What loading the models needed is given back, and comes back when it is asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

COMPILE = """
import re
from pathlib import Path
import numba
from ml.serving.memory import give_back

def resident_kb():
    return int(re.search(r"VmRSS:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

assert numba.njit(lambda x: x + 1)(1) == 2
held_kb = resident_kb()
give_back()
print(held_kb - resident_kb())
assert numba.njit(lambda x: x + 2)(1) == 3
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells and does this")
def test_the_compiler_is_given_back_and_compiles_on() -> None:
    given_back_kb = int(subprocess.run([sys.executable, "-c", COMPILE], check=True, capture_output=True).stdout)
    assert given_back_kb > 20_000
