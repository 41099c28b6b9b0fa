"""What the kernel refuses a worker: the network, programs, processes, and every file but the code (Linux).

A seccomp filter and a Landlock rule set need no privilege and no library, only the kernel's own interface. Numbers and
structures are those of linux/{audit,filter,seccomp,prctl,landlock}.h and of the kernel's system call tables.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, SECCOMP_MODE_FILTER = 22, 38, 2

LOAD, IF_EQUAL, IF_AT_LEAST, IF_BITS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # operations of the filter
STEP_BYTES = 8
NUMBER_AT, ARCHITECTURE_AT, FIRST_ARGUMENT_AT = 0, 4, 16  # offsets in struct seccomp_data
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
X32_NUMBERS = 0x40000000  # x86-64's second numbering, which would go round the filter
CLONE_THREAD = 0x00010000

ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column of the tables below, AUDIT_ARCH_*
FORBIDDEN: dict[str, tuple[int | None, int | None]] = {
    # The network; io_uring could open it behind the filter's back.
    "socket": (41, 198),
    "socketpair": (53, 199),
    "io_uring_setup": (425, 425),
    # Programs and processes, which would outlive the worker.
    "fork": (57, None),
    "vfork": (58, None),
    "execve": (59, 221),
    "execveat": (322, 281),
    "unshare": (272, 97),
    "setns": (308, 268),
    # Other processes.
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    # Memory that stays behind when the worker ends.
    "shmget": (29, 194),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    # Parts of the kernel with a long record of holes.
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "perf_event_open": (298, 241),
    "keyctl": (250, 219),
}
CLONE, CLONE3, TGKILL, PRLIMIT64 = (56, 220), (435, 435), (234, 131), (302, 261)

LANDLOCK_CREATE_RULESET, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT_SELF = 444, 445, 446  # the same everywhere
LANDLOCK_CREATE_RULESET_VERSION, LANDLOCK_RULE_PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
RIGHTS_KNOWN = {1: 13, 2: 14, 3: 15, 4: 15}  # by version of the interface, how many rights it can refuse; 16 from 5 on


def gain_nothing() -> bool:
    """No program started from here can gain privileges; the kernel asks for this before the other two."""
    return _on_linux() and bool(_libc().prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0)


def forbid_calls() -> bool:
    """Refuse the system calls that a decoder never needs, with EPERM; whether the kernel does."""
    if not _on_linux() or platform.machine() not in ARCHITECTURES:
        return False
    code = ctypes.create_string_buffer(b"".join(_filter(*ARCHITECTURES[platform.machine()])))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // STEP_BYTES, ctypes.addressof(code)))
    return bool(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program, 0, 0) == 0)


def forbid_files() -> bool:
    """Refuse to open, make, move or remove any file; only Python, its packages and libraries can be read."""
    version = _landlock(LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), LANDLOCK_CREATE_RULESET_VERSION)
    if version < 1:
        return False
    handled = struct.pack("Q", (1 << RIGHTS_KNOWN.get(version, 16)) - 1)
    rules = _landlock(LANDLOCK_CREATE_RULESET, handled, ctypes.c_size_t(len(handled)), 0)
    if rules < 0:
        return False
    for path in readable():
        _allow_reading(rules, path)
    done = _landlock(LANDLOCK_RESTRICT_SELF, rules, 0) == 0
    os.close(rules)
    return done


def readable() -> Iterable[Path]:
    """The folders from which code may still be loaded."""
    package = Path(__file__).parent.parent
    python = {Path(sys.base_prefix), Path(sys.prefix), *map(Path, sysconfig.get_paths().values()), *map(Path, sys.path)}
    # The folder in which `ml` lies holds more than code: the secret key of a local run, say.
    code = {path for path in python if path not in package.parents}
    libraries = {Path("/lib"), Path("/lib64"), Path("/usr/lib"), Path("/usr/lib64"), Path("/etc/ld.so.cache")}
    caches = {Path(os.environ[name]) for name in ("NUMBA_CACHE_DIR",) if name in os.environ}
    return {path for path in {package} | code | libraries | caches if path.exists()}


def _filter(column: int, architecture: int) -> Iterator[bytes]:
    yield _step(LOAD, ARCHITECTURE_AT)
    yield from _refuse_unless(IF_EQUAL, architecture)
    yield _step(LOAD, NUMBER_AT)
    yield from _refuse_if(IF_AT_LEAST, X32_NUMBERS)
    for numbers in FORBIDDEN.values():
        if (number := numbers[column]) is not None:
            yield from _refuse_if(IF_EQUAL, number)
    # Its flags are out of a filter's sight; libraries fall back on clone.
    yield from _refuse_if(IF_EQUAL, CLONE3[column], error=errno.ENOSYS)
    yield from _allow_only(CLONE[column], IF_BITS, CLONE_THREAD)
    yield from _allow_only(TGKILL[column], IF_EQUAL, os.getpid())
    yield from _allow_only(PRLIMIT64[column], IF_EQUAL, 0)
    yield _step(RETURN, ALLOW)


def _refuse_if(test: int, value: int, *, error: int = errno.EPERM) -> Iterator[bytes]:
    yield _step(test, value, 0, 1)
    yield _step(RETURN, REFUSE | error)


def _refuse_unless(test: int, value: int) -> Iterator[bytes]:
    yield _step(test, value, 1, 0)
    yield _step(RETURN, REFUSE | errno.EPERM)


def _allow_only(number: int, test: int, value: int) -> Iterator[bytes]:
    yield _step(IF_EQUAL, number, 0, 4)
    yield _step(LOAD, FIRST_ARGUMENT_AT)
    yield from _refuse_unless(test, value)
    yield _step(RETURN, ALLOW)


def _step(operation: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", operation, if_true, if_false, value)


def _allow_reading(rules: int, path: Path) -> None:
    fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    rights = READ_FILE | READ_DIR if path.is_dir() else READ_FILE
    _landlock(LANDLOCK_ADD_RULE, rules, LANDLOCK_RULE_PATH_BENEATH, struct.pack("=Qi", rights, fd), 0)
    os.close(fd)


def _landlock(number: int, *arguments: object) -> int:
    return int(_libc().syscall(number, *arguments)) if _on_linux() else -1


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _on_linux() -> bool:
    return sys.platform.startswith("linux")
