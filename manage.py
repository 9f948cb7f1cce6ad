#!/usr/bin/env python
"""Django's command line, with the embedded services where none are given."""

import os
import sys


def main() -> None:
    """Start or join the services that are not set, outside production, then do what was asked."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if os.environ.get("ECLUSE_ENV") != "production":
        join_services()
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


def join_services() -> None:
    """DATABASE_URL and REDIS_URL from the embedded services, for the life of this process."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    import services

    try:
        services.join_missing()
    except services.Unavailable as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
