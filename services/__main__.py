"""`python -m services run -- COMMAND…`, `status`, `stop`, `reset`."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess  # nosec: runs the command that the person typed
import sys
from types import FrameType

from services.engines import SERVICES, engine
from services.places import Unavailable
from services.processes import die_with_parent, end_with_parent
from services.sharing import CODE, is_kept, join_missing, stop_keeper


def run(command: list[str]) -> int:
    """Run the command with the services it lacks; its exit code, as a shell would give it."""
    memberships = join_missing()
    told: list[int] = []
    child: subprocess.Popen[bytes] | None = None

    def pass_on(number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGINT and _terminal_told_everyone():
            return
        if child:
            child.send_signal(number)
        else:
            told.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, pass_on)
    child = subprocess.Popen(  # nosec
        command,
        pass_fds=[each.handle for each in memberships],  # the services stay for as long as the command does
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    for missed in told:
        child.send_signal(missed)
    code = child.wait()
    for membership in memberships:
        membership.leave()
    return code if code >= 0 else 128 - code


def status() -> int:
    """Print what runs where."""
    for name in SERVICES:
        kept = engine(CODE, name)
        state = "running" if is_kept(kept) and kept.answers() else "stopped"
        print(f"{name:10}{state:10}{kept.variable}={kept.url}")
    return 0


def stop() -> int:
    """Stop the embedded services, even under their users."""
    for name in SERVICES:
        stop_keeper(engine(CODE, name))
    return 0


def reset() -> int:
    """Stop the embedded services and delete their data."""
    stop()
    for name in SERVICES:
        engine(CODE, name).places.forget()
    return 0


def main(arguments: list[str]) -> int:
    """Do what the command line says; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m services", description=__doc__)
    verbs = parser.add_subparsers(dest="verb", required=True)
    running = verbs.add_parser("run", help="run a command with the services")
    running.add_argument("--end-with-parent", action="store_true", help="end when the caller is killed")
    running.add_argument("command", nargs=argparse.REMAINDER)
    for verb, said in (("status", status), ("stop", stop), ("reset", reset)):
        verbs.add_parser(verb, help=said.__doc__)
    parsed = parser.parse_args(arguments)
    if parsed.verb != "run":
        return {"status": status, "stop": stop, "reset": reset}[parsed.verb]()
    if parsed.end_with_parent:
        end_with_parent(signal.SIGTERM)
    command = parsed.command[1:] if parsed.command[:1] == ["--"] else parsed.command
    return run(command) if command else parser.error("run what?")


def _terminal_told_everyone() -> bool:
    """Whether Ctrl-C reached the command as well, because both are the terminal's foreground job."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Unavailable as problem:
        print(problem, file=sys.stderr)
        sys.exit(1)
