"""Where the processes that a test starts find its database and a Redis of their own."""

from __future__ import annotations

import os
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The URL of the test database itself."""
    given = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(given._replace(path=f"/{connection.settings_dict['NAME']}"))


def redis_url() -> str:
    """A Redis database that no other test process uses."""
    number = 8 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 8
    given = settings.REDIS_URL
    if given.startswith("unix:"):
        return f"{given.partition('?')[0]}?db={number}"
    return urlunsplit(urlsplit(given)._replace(path=f"/{number}"))
