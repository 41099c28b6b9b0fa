"""What a worker can still do when a hostile file has taken it over."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from pathlib import Path

import pytest

from ml.engine import Engine
from ml.errors import EngineError
from ml.serving import sandbox
from tests.ml.engine.stage import PATIENCE_S, StartEngine, clip, heard, wait_until

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="these limits are Linux's")
filtered = pytest.mark.skipif(platform.machine() not in sandbox.ARCHITECTURES, reason="no filter for this processor")


def test_it_writes_no_file(single: Engine, tmp_path: Path) -> None:
    assert heard(single, clip("write_file", path=str(tmp_path / "loot"))) in {"EACCES", "EFBIG"}
    assert not (tmp_path / "loot").exists() or (tmp_path / "loot").stat().st_size == 0


def test_it_reads_no_file_but_code(single: Engine, tmp_path: Path, kernel_holds: list[str]) -> None:
    if "files" not in kernel_holds:
        pytest.skip("this kernel has no Landlock")
    (tmp_path / "secret").write_text("secret")
    own_environment = f"/proc/{os.getpid()}/environ"
    for path in (str(tmp_path / "secret"), "/etc/passwd", own_environment, str(Path.cwd() / "pyproject.toml")):
        assert heard(single, clip("read_file", path=path)) == "EACCES"
    assert heard(single, clip("read_file", path=json.__file__)) == "done"


@filtered
@pytest.mark.parametrize("act", ["open_socket", "run_program", "execute", "fork"])
def test_it_reaches_no_network_and_starts_no_process(single: Engine, act: str) -> None:
    assert heard(single, clip(act)) == "EPERM"


@filtered
def test_it_cannot_touch_the_web_process(single: Engine) -> None:
    assert heard(single, clip("kill", pid=os.getpid())) == "EPERM"
    assert heard(single, clip("limit_other", pid=os.getpid())) == "EPERM"


def test_a_decoder_may_use_threads(single: Engine) -> None:
    assert heard(single, clip("start_thread")) == "done"


def test_it_holds_few_files_and_no_core_is_dumped(single: Engine) -> None:
    assert heard(single, clip("open_many", count=100)) == "EMFILE"
    limits = json.loads(heard(single, clip("limits")))
    assert limits["RLIMIT_CORE"] == limits["RLIMIT_FSIZE"] == 0


def test_its_only_socket_is_its_own(engine: Engine) -> None:
    assert heard(engine, clip("open_sockets")) == "1"


def test_it_sees_no_secret_of_the_web_process(start: StartEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    environment = json.loads(heard(engine, clip("environment")))
    assert "canary" not in environment.values()
    assert environment["OMP_NUM_THREADS"] == environment["NUMBA_NUM_THREADS"] == "1"


def test_what_decoders_print_is_discarded(start: StartEngine, capfd: pytest.CaptureFixture[str]) -> None:
    engine = start()
    assert engine.wait_ready(PATIENCE_S)
    heard(engine, clip("chatter"))
    engine.stop()
    assert capfd.readouterr() == ("", "")


def test_its_processor_time_is_granted_anew_for_each_clip(start: StartEngine) -> None:
    engine = start(workers=1, clip_timeout_s=20.0)
    assert engine.wait_ready(PATIENCE_S)
    first = json.loads(heard(engine, clip("limits")))["RLIMIT_CPU"]
    heard(engine, clip("burn", seconds=1.2))
    assert 20 <= first < json.loads(heard(engine, clip("limits")))["RLIMIT_CPU"] <= first + 2


def test_the_kernel_ends_what_exceeds_its_processor_time(single: Engine, caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(EngineError) as loss:
        single.classify(clip("spin_unwatched", seconds=1))
    assert loss.value.code == "worker_died"
    wait_until(lambda: "killed by SIGXCPU" in caplog.text or "killed by SIGKILL" in caplog.text)


@pytest.fixture
def kernel_holds(single: Engine, caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the engine's log says the workers are held by."""
    with caplog.at_level("INFO", logger="ml.engine"):
        assert single.reload()
    return caplog.text.partition("held by ")[2].partition(".")[0].split(", ")


@pytest.mark.parametrize(
    ("column", "header"),
    [(0, "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), (1, "/usr/include/asm-generic/unistd.h")],
)
def test_the_filter_names_the_calls_by_the_numbers_of_the_kernel(column: int, header: str) -> None:
    if not Path(header).exists():
        pytest.skip("the kernel's headers are not installed")
    defined = dict(re.findall(r"#define __NR_(\w+)\s+(\d+)", Path(header).read_text()))
    special = {
        "clone": sandbox.CLONE,
        "clone3": sandbox.CLONE3,
        "tgkill": sandbox.TGKILL,
        "prlimit64": sandbox.PRLIMIT64,
    }
    for name, numbers in (sandbox.FORBIDDEN | special).items():
        assert str(numbers[column]) == defined.get(name, "None"), name
