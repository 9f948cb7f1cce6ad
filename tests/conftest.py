"""What every test may ask for: a clock, people, leads, and the olist files where they are."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from hypothesis import settings as hypothesis_settings

from accounts.models import User
from accounts.roles import Role
from leads import signatures
from leads.models import Lead
from leads.webhooks import outbox

pytest_plugins = ["tests.api_fixtures"]

# How long an example takes says something of the machine, not of the code.
# EXAMPLES=1000 searches longer than every commit has time for.
hypothesis_settings.register_profile(
    "untimed", deadline=None, max_examples=int(os.environ.get("EXAMPLES", "60"))
)
hypothesis_settings.load_profile("untimed")

# A Thursday at noon in Paris, in a month of its own partition or not: tests pass `now` in.
NOON = datetime(2026, 3, 12, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """A test that PostgreSQL's own death would matter to does not exist yet: no commit waits for the disk."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        name = connection.ops.quote_name(str(connection.settings_dict["NAME"]))
        cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
        cursor.execute("SET synchronous_commit = off")


# Rows that each migrate makes the same again.
_THE_SAME = {"django_content_type", "auth_permission"}


_sql_flush_of_django = DatabaseOperations.sql_flush


def _sql_flush(self: DatabaseOperations, style: Any, tables: Sequence[str], **options: bool) -> list[str]:
    """What empties the tables after a test that committed: only those that hold anything, and by DELETE.
    TRUNCATE of all, with their six hundred indexes, takes half a second. For who may leave triggers aside;
    others empty it as Django does."""
    quoted = [self.quote_name(table) for table in tables if table not in _THE_SAME]
    with self.connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('is_superuser') = 'on'")
        if not cursor.fetchone()[0]:
            return list(_sql_flush_of_django(self, style, tables, **options))
        cursor.execute(" UNION ALL ".join(f"(SELECT '{table}' FROM {table} LIMIT 1)" for table in quoted))
        full = [row[0] for row in cursor.fetchall()]
    if not full:
        return []
    # Without the triggers: history may not be deleted, and references are broken for a moment.
    quiet, loud = ("SET LOCAL session_replication_role = replica", "SET session_replication_role = DEFAULT")
    return [quiet, *(f"DELETE FROM {table}" for table in full), loud]


@pytest.fixture(scope="session", autouse=True)
def _flush_quickly() -> Iterator[None]:
    """Each test that commits is followed by emptying what it filled."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _sql_flush)
        yield


@pytest.fixture
def now() -> datetime:
    """The moment at which a test plays."""
    return NOON


@pytest.fixture(autouse=True)
def _forget_what_was_rolled_back() -> None:
    """Each test rolls its signatures and webhooks back, so the process must not remember them."""
    signatures.forget()
    outbox.forget()


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Makes users: ``make_user("rep")``."""
    made = 0

    def make(role: str = Role.MARKETER, **fields: object) -> User:
        nonlocal made
        made += 1
        email = str(fields.pop("email", f"{role}{made}@ecluse.example"))
        return User.objects.create_user(email=email, role=role, **fields)

    return make


@pytest.fixture
def make_lead(db: None) -> Callable[..., Lead]:
    """Makes leads as rows, for tests whose subject is not how a lead comes in."""
    made = 0

    def make(**fields: object) -> Lead:
        nonlocal made
        made += 1
        values = {"email": f"lead{made}@atelier-{made}.example", "audience": "b2b", "created_at": NOON}
        return Lead.objects.create(**(values | fields))

    return make


@pytest.fixture
def olist() -> Path:
    """The folder of the Olist files; a test that needs them skips where they are absent."""
    folder = Path(os.environ.get("OLIST_DIR", Path(__file__).parents[2] / "shared" / "data" / "olist"))
    if not (folder / "olist_closed_deals_dataset.csv").exists():
        pytest.skip("the Olist files are not here; set OLIST_DIR to their folder")
    return folder


@pytest.fixture
def addresses() -> Path:
    """The folder of the example addresses; a test that needs them skips where they are absent."""
    folder = Path(
        os.environ.get("ADDRESSES_DIR", Path(__file__).parents[2] / "shared" / "data" / "addresses")
    )
    if not (folder / "isemail_tests.json").exists():
        pytest.skip("the example addresses are not here; set ADDRESSES_DIR to their folder")
    return folder
