"""`python -m services …` as people and make use it."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.services.conftest import processes_of, wait_until

Command = Callable[..., "subprocess.Popen[str]"]


def test_run_sets_both_urls_gives_back_the_exit_code_and_leaves_nothing(
    command: Command, checkout: Path
) -> None:
    with command("run", "--", "sh", "-c", "echo $DATABASE_URL $REDIS_URL; exit 7") as running:
        said, _ = running.communicate()
    assert running.returncode == 7
    database, redis = said.split()
    assert database.startswith("postgres://ecluse@/ecluse?host=/")
    assert redis.startswith("unix:///")
    assert processes_of(checkout) == []


def test_run_embeds_only_what_is_not_given(command: Command, checkout: Path) -> None:
    with command(
        "run", "--", "sh", "-c", "echo $DATABASE_URL", DATABASE_URL="postgres://given/one"
    ) as running:
        said, _ = running.communicate()
    assert said == "postgres://given/one\n"
    assert not (checkout / ".data" / "postgres").exists()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_the_command_and_the_services(
    command: Command, checkout: Path, number: signal.Signals
) -> None:
    with command("run", "--", "sh", "-c", "echo up; exec sleep 600") as running:
        assert running.stdout
        assert running.stdout.readline() == "up\n"
        running.send_signal(number)
        assert running.wait(timeout=15) == 128 + number
    assert processes_of(checkout) == []


def test_a_killed_run_leaves_neither_command_nor_services(command: Command, checkout: Path) -> None:
    marker = str(checkout / "marker")
    with command("run", "--", "tail", "-f", "/dev/null", marker) as running:
        wait_until(lambda: any("tail" in line for line in processes_of(checkout)))
        running.kill()
    wait_until(lambda: processes_of(checkout) == [])


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot tie a child to its parent")
def test_it_can_end_with_its_caller(checkout: Path, without_services: dict[str, str]) -> None:
    command = f"{sys.executable} -m services run --end-with-parent -- sh -c 'echo up; exec sleep 600' & wait"
    with subprocess.Popen(
        ["sh", "-c", command], cwd=checkout, env=without_services, stdout=subprocess.PIPE, text=True
    ) as caller:
        assert caller.stdout
        assert caller.stdout.readline() == "up\n"
        caller.kill()
    wait_until(lambda: processes_of(checkout) == [])


def test_status_and_stop(command: Command, checkout: Path) -> None:
    with command("run", "--", "sh", "-c", "echo up; exec sleep 600") as running:
        assert running.stdout
        running.stdout.readline()
        assert [line.split()[1] for line in said_by(command("status")).splitlines()] == ["running", "running"]
        said_by(command("stop"))
        assert [line.split()[1] for line in said_by(command("status")).splitlines()] == ["stopped", "stopped"]
        running.terminate()
    assert processes_of(checkout) == []


def test_reset_deletes_the_data(command: Command, checkout: Path) -> None:
    said_by(command("run", "--", "true"))
    assert (checkout / ".data" / "postgres" / "PG_VERSION").exists()
    said_by(command("reset"))
    assert not (checkout / ".data" / "postgres").exists()
    assert not (checkout / ".data" / "valkey").exists()


def said_by(running: subprocess.Popen[str]) -> str:
    with running:
        said, complained = running.communicate(timeout=30)
    assert (running.returncode, complained) == (0, "")
    return said
