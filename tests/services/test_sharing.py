"""Several users share one server, whatever happens to any of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg2
import pytest

from services.engines import SERVICES, engine
from services.sharing import CODE, is_kept, join
from tests.services.conftest import process_id, processes_of, wait_until

BOTH = pytest.mark.parametrize("service", list(SERVICES))


def ask(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@BOTH
def test_the_first_starts_and_the_last_stops_it(project: Path, service: str) -> None:
    first = join(project, service)
    second = join(project, service)
    server = process_id(project, service)
    first.leave()
    assert process_id(project, service) == server
    second.leave()
    assert not second.used.answers()
    assert processes_of(project) == []


@BOTH
def test_a_newcomer_in_the_moment_of_stopping_gets_a_server(project: Path, service: str) -> None:
    for _ in range(3):
        first = join(project, service)
        with ThreadPoolExecutor() as pool:
            leaving = pool.submit(first.leave)
            second = pool.submit(join, project, service).result()
            leaving.result()
        assert second.used.answers()
        second.leave()
        assert processes_of(project) == []


def test_many_at_once_share_one_server(project: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        members = list(pool.map(lambda _: join(project, "postgres"), range(8)))
    postmasters = [line for line in processes_of(project) if "bin/postgres" in line]
    assert len(postmasters) == 1
    for member in members:
        member.leave()
    assert processes_of(project) == []


def test_a_killed_postgresql_comes_back_with_what_was_committed(project: Path) -> None:
    member = join(project, "postgres")
    ask(member.used.url, "CREATE TABLE kept (n int)")
    ask(member.used.url, "INSERT INTO kept SELECT generate_series(1, 1000)")
    killed = process_id(project, "postgres")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: member.used.orphan() not in {None, killed})
    assert ask(member.used.url, "SELECT count(*) FROM kept") == [(1000,)]
    member.leave()
    assert processes_of(project) == []


def test_a_killed_valkey_comes_back(project: Path) -> None:
    member = join(project, "valkey")
    killed = process_id(project, "valkey")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: member.used.orphan() not in {None, killed})
    member.leave()
    assert processes_of(project) == []


@BOTH
@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot tie a child to its parent")
def test_a_killed_keeper_takes_its_server_along_and_the_next_one_starts_anew(
    project: Path, service: str
) -> None:
    member = join(project, service)
    os.kill(int(member.used.places.keeper_lock.read_text()), signal.SIGKILL)
    wait_until(lambda: not member.used.answers())
    newcomer = join(project, service)
    assert newcomer.used.answers()
    member.leave()
    assert newcomer.used.answers()
    newcomer.leave()
    assert processes_of(project) == []


@BOTH
def test_a_killed_user_leaves_nothing(project: Path, service: str) -> None:
    script = (
        f"import pathlib, time, services.sharing as s; s.join(pathlib.Path({str(project)!r}), {service!r})"
    )
    user = subprocess.Popen(
        [sys.executable, "-c", f"{script}; print('joined', flush=True); time.sleep(600)"],
        cwd=CODE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with user:
        assert user.stdout
        assert user.stdout.readline() == "joined\n"
        user.kill()
    wait_until(lambda: processes_of(project) == [])


def test_a_forked_child_does_not_stop_it_for_its_parent(project: Path) -> None:
    member = join(project, "valkey")
    child = os.fork()
    if child == 0:
        member.leave()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert member.used.answers()
    member.leave()
    assert processes_of(project) == []


def test_an_orphan_is_replaced(project: Path) -> None:
    """A server that nobody keeps (where the kernel cannot tie it to its keeper) is stopped, then started."""
    member = join(project, "valkey")
    orphan = subprocess.Popen(
        [member.used.command()[0], "--port", "0", "--unixsocket", str(project / "orphan.sock"), "--save", ""],
        stdout=subprocess.DEVNULL,
    )
    try:
        wait_until((project / "orphan.sock").exists)
        member.leave()
        sockets = engine(project, "valkey").places.sockets
        sockets.mkdir(mode=0o700, exist_ok=True)  # the keeper took it along, or has yet to
        (project / "orphan.sock").rename(sockets / "valkey.sock")
        assert not is_kept(member.used)
        newcomer = join(project, "valkey")
        assert orphan.wait(timeout=10) == 0
    finally:
        orphan.kill()
        orphan.wait()
    assert process_id(project, "valkey") != orphan.pid
    newcomer.leave()


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(project: Path) -> None:
    member = join(project, "postgres")
    member.leave()
    data = member.used.places.data
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n0\n5432\n{member.used.places.sockets}\n\n")
    again = join(project, "postgres")
    assert again.used.answers()
    again.leave()
