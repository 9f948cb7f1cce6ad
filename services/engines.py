"""The two services by name."""

from __future__ import annotations

from pathlib import Path

from services.places import Places
from services.postgres import Postgres
from services.valkey import Valkey

Engine = Postgres | Valkey
SERVICES: dict[str, type[Postgres | Valkey]] = {"postgres": Postgres, "valkey": Valkey}


def engine(project: Path, service: str) -> Engine:
    """The engine of that name for that project directory."""
    return SERVICES[service](Places(project=project.resolve(), service=service))
