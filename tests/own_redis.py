"""Loaded before the settings (`-p tests.own_redis`): on the embedded server each process of tests has a Redis
database of its own, so that one's limits and bells are not another's."""

from __future__ import annotations

import os
import re

_worker = os.environ.get("PYTEST_XDIST_WORKER", "")
_found = re.fullmatch(r"(unix:.*db=)(\d+)", os.environ.get("REDIS_URL", ""))
if _worker and _found:
    os.environ["REDIS_URL"] = f"{_found[1]}{int(_found[2]) + int(_worker.removeprefix('gw'))}"
