"""The doorbell: harmless whatever the broker does (bar: faults F13, F14)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

RING = """
import time
from django.conf import settings
import django
django.setup()
from leads.bell import ring
began = time.monotonic()
for _ in range(1000):
    ring("pipeline")
print("rung", time.monotonic() - began)
"""


@pytest.fixture
def deaf_port() -> Iterator[int]:
    """A port where somebody accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.parametrize("broker", ["deaf_port", "closed_port"])
def test_f13_f14_ringing_waits_for_no_broker(broker: str, request: pytest.FixtureRequest) -> None:
    url = f"redis://127.0.0.1:{request.getfixturevalue(broker)}/0"
    done = subprocess.run(
        [sys.executable, "-c", RING],
        env={**os.environ, "REDIS_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    # A thousand rings outside a transaction: one of them waiting for a time-out would show in seconds.
    assert float(done.stdout.split()[-1]) < 1.0
