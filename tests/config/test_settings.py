"""What production refuses, and what Django itself says about it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from config.settings import broker_url

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "ECLUSE_ENV": "production",
    "SITE_URL": "https://ecluse.example",
    "ALLOWED_HOSTS": "ecluse.example",
    "EMAIL_URL": "smtp://user:password@mail.example:587",
    "DEFAULT_FROM_EMAIL": "bonjour@ecluse.example",
    "DATABASE_URL": "postgres://ecluse@db.example/ecluse",
    "REDIS_URL": "redis://redis.example/0",
}


CHECK = ("-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING")
LOAD = ("-c", "import config.settings")


@pytest.fixture
def production() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command in production with some settings changed (None: not set)."""

    def run(command: tuple[str, ...] = LOAD, **changes: str | None) -> subprocess.CompletedProcess[str]:
        keys = {
            name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "LINK_SIGNING_KEY", "FINGERPRINT_KEY")
        }
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        wanted = {**inherited, **keys, **GOOD, **changes}
        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={name: value for name, value in wanted.items() if value is not None},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_production_passes_djangos_own_deployment_check(
    production: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    done = production(CHECK)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "LINK_SIGNING_KEY", "FINGERPRINT_KEY"])
@pytest.mark.parametrize("value", [None, "short", "insecure-" + "x7Kq" * 20, "a" * 60])
def test_production_refuses_absent_short_and_default_secrets(
    production: Callable[..., subprocess.CompletedProcess[str]], name: str, value: str | None
) -> None:
    done = production(**{name: value})
    assert done.returncode != 0
    assert f"{name} must be a random string" in done.stderr


@pytest.mark.parametrize("name", ["SITE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL", "DATABASE_URL", "REDIS_URL"])
def test_production_says_what_is_missing(
    production: Callable[..., subprocess.CompletedProcess[str]], name: str
) -> None:
    done = production(**{name: None})
    assert done.returncode != 0
    assert name in done.stderr


def test_an_unknown_environment_is_refused(
    production: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    assert "ECLUSE_ENV is 'staging'" in production(ECLUSE_ENV="staging").stderr


def test_debug_is_refused_in_production(production: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "DEBUG must be off" in production(DEBUG="1").stderr


@pytest.mark.parametrize(
    ("redis", "celery"),
    [
        ("redis://127.0.0.1:6379/7", "redis://127.0.0.1:6379/7"),
        ("unix:///tmp/x/valkey.sock?db=3", "redis+socket:///tmp/x/valkey.sock?virtual_host=3"),
        ("unix:///tmp/x/valkey.sock", "redis+socket:///tmp/x/valkey.sock?virtual_host=0"),
    ],
)
def test_celery_gets_the_same_redis(redis: str, celery: str) -> None:
    assert broker_url(redis) == celery
