"""What the Dockerfile says of itself, as far as that can be read: building it takes minutes, and a builder."""

from __future__ import annotations

import re
from fnmatch import fnmatch

from tests.docs.pages import ROOT, read

INSTRUCTIONS = re.compile(r"^([A-Z]+) (.*)$", re.MULTILINE)


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, its FROM first; continued lines are joined, comments left out."""
    lines = [line for line in read("Dockerfile").splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[list[tuple[str, str]]] = []
    for name, rest in INSTRUCTIONS.findall(joined):
        if name == "FROM":
            found.append([])
        found[-1].append((name, rest))
    return found


def values(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [rest for instruction, rest in stage if instruction == name]


def test_the_image_is_python_with_what_the_builder_made_and_nothing_is_run_in_it() -> None:
    *_, final = stages()
    assert values(final, "FROM") == ["python:3.13-slim"]
    assert values(final, "RUN") == values(final, "ADD") == []
    assert all(copied.startswith("--from=builder ") for copied in values(final, "COPY"))


def test_it_runs_as_a_user_without_rights_and_is_stopped_gently() -> None:
    *_, final = stages()
    (user,) = values(final, "USER")
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user), "a number, so that platforms can see that it is not root"
    assert values(final, "CMD") == ['["gunicorn"]'], "no shell in between: signals reach gunicorn"
    assert values(final, "STOPSIGNAL") == ["SIGTERM"]


def test_packages_come_by_hash_as_wheels_and_only_those_that_a_site_runs() -> None:
    text = read("Dockerfile")
    assert "--require-hashes" in text
    assert "--only-binary :all:" in text
    assert "requirements-dev" not in text
    assert "npm ci --omit=dev --ignore-scripts" in text
    assert not re.search(r"apt-get|apk|build-essential|gcc", text)


def test_numba_compiles_for_the_same_processor_where_the_image_is_built_and_where_it_runs() -> None:
    _, builder, final = stages()
    for stage in (builder, final):
        environment = " ".join(values(stage, "ENV"))
        assert "NUMBA_CPU_NAME=generic" in environment
        assert "NUMBA_CACHE_DIR=/app/compiled" in environment


def test_a_user_without_a_name_has_a_home() -> None:
    *_, final = stages()
    assert " HOME=/tmp " in " ".join(values(final, "ENV"))


def test_no_secret_is_left_in_it() -> None:
    assert not any("SECRET" in value for stage in stages() for name in ("ENV", "ARG") for value in values(stage, name))


def test_it_is_labelled_with_version_and_revision() -> None:
    *_, final = stages()
    assert {"VERSION=unknown", "REVISION=unknown"} == set(values(final, "ARG"))
    (labels,) = values(final, "LABEL")
    assert 'image.version="$VERSION"' in labels
    assert 'image.revision="$REVISION"' in labels


def test_it_says_under_which_licences_it_is_and_brings_that_of_the_waveform() -> None:
    _, builder, final = stages()
    assert 'image.licenses="MIT AND CC-BY-NC-SA-4.0"' in " ".join(values(final, "LABEL"))
    copied = "--from=assets /assets/node_modules/wavesurfer.js/LICENSE node_modules/wavesurfer.js/dist/"
    assert copied in values(builder, "COPY"), "from there it is collected with the files beside it"


def test_the_builder_is_sent_the_site_and_no_secrets_or_tests() -> None:
    sent = [line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")]
    assert read(".dockerignore").splitlines()[1] == "*"
    assert all((ROOT / path).exists() for path in sent)
    assert {"manage.py", "gunicorn.conf.py", "classifier", "emotion_site", "ml", "templates", "static"} <= set(sent)
    private = (".secret-key", ".env", ".git", "tests", "benchmarks", "requirements-dev.txt")
    assert not any(fnmatch(name, path) for name in private for path in sent)
