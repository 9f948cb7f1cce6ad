"""Several processes end as one."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from services.sharing import CODE
from tests.services.conftest import wait_until

GROUP = """
import pathlib, sys
from services.together import Stopped, Together
with Together(pathlib.Path(sys.argv[1])) as group:
    try:
        group.start("polite", ["sh", "-c", "echo up; exec sleep 600"])
        group.start("parent", ["sh", "-c", "sleep 600 & sleep 600 & wait"])
        group.start("short", ["sh", "-c", sys.argv[2]])
        print("started", flush=True)
        print("ended:", group.wait(), flush=True)
    except Stopped:
        print("stopped", flush=True)
"""


def members(group: int) -> list[str]:
    """Processes that descend from that one, zombies left out."""
    shown = subprocess.run(["ps", "-eo", "pid,ppid,stat,args"], capture_output=True, text=True, check=True)
    rows = [line.split(None, 3) for line in shown.stdout.splitlines()[1:]]
    family, grown = {str(group)}, True
    while grown:
        new = {row[0] for row in rows if row[1] in family} - family
        family |= new
        grown = bool(new)
    return [
        row[3] for row in rows if row[0] in family and row[0] != str(group) and not row[2].startswith("Z")
    ]


def start(logs: Path, last: str) -> subprocess.Popen[str]:
    running = subprocess.Popen(
        [sys.executable, "-c", GROUP, str(logs), last], cwd=CODE, stdout=subprocess.PIPE, text=True
    )
    assert running.stdout
    assert running.stdout.readline() == "started\n"
    return running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_of_them_and_their_children(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, "exec sleep 600") as running:
        wait_until(lambda: len(members(running.pid)) == 5)
        everyone = family(running.pid)
        running.send_signal(number)
        running.send_signal(number)
        said, _ = running.communicate(timeout=30)
    assert (said, running.returncode) == ("stopped\n", 0)
    assert not any(alive(each) for each in everyone)
    assert (tmp_path / "polite.log").read_text() == "up\n"


def test_one_that_ends_ends_all(tmp_path: Path) -> None:
    with start(tmp_path, "sleep 0.5; exit 3") as running:
        said, _ = running.communicate(timeout=30)
    assert said == "ended: short\n"
    assert members(running.pid) == []


@pytest.mark.skipif(sys.platform != "linux", reason="other kernels cannot tie a child to its parent")
def test_when_it_is_killed_its_processes_end_too(tmp_path: Path) -> None:
    with start(tmp_path, "exec sleep 600") as running:
        leaders = [each for each in family(running.pid) if os.getpgid(each) == each]
        assert len(leaders) == 3
        running.kill()
    wait_until(lambda: not any(alive(each) for each in leaders))
    for each in leaders:  # what a shell started in its background goes on; servers end their own children
        with contextlib.suppress(ProcessLookupError):
            os.killpg(each, signal.SIGKILL)


def family(group: int) -> list[int]:
    shown = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)
    pairs = [tuple(map(int, line.split())) for line in shown.stdout.splitlines()[1:]]
    children = [pid for pid, parent in pairs if parent == group]
    return children + [pid for pid, parent in pairs if parent in children]


def alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
