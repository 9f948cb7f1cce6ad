"""Import a file of leads with deduplication into a base of as many, against COPY and plain INSERT … SELECT.

A tenth of the rows are people of the base, with something new in one of two. Two copies of one base: in one
the floor writes the rows that the import writes (leads, their history, their touch) without asking anything;
in the other the import runs, mapping, validation and companies included, beside somebody who goes on changing
leads.
"""

from __future__ import annotations

import csv
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import psycopg2

from benchmarks.harness import own_database, report, say, size, timed

BASE = """
INSERT INTO leads_company (public_id, name, domain, siren, sector, headcount, turnover, country, region,
    postcode,
    custom, search_text, created_at)
SELECT gen_random_uuid(), 'Usine ' || n, 'usine-' || n || '.fr', '', '', '', '', '', '', '', '{}',
    'usine ' || n || ' usine-' || n || '.fr', now()
FROM generate_series(0::bigint, %(companies)s - 1) AS n;

INSERT INTO leads_lead (public_id, first_name, last_name, email, email_display, email_flags, phone, phone_raw,
    phone_is_valid, language, time_zone, address, postcode, city, region, country, company_id, company_role,
    job_title, department, seniority, need, pain_point, budget_range, interests, social, custom, audience,
    acquisition, channel, last_channel, landing_page, search_text, created_at)
SELECT gen_random_uuid(), 'Camille', 'Martin',
    'camille.martin' || n || '@usine-' || n %% %(companies)s || '.fr',
    '', '{}', '+3361' || lpad(n::text, 7, '0'), '', true, 'fr', '', '', '', '', '', 'FR',
    (SELECT min(id) FROM leads_company) + n %% %(companies)s, '', '', '', '', '', '', '',
    '{}', '{}', '{}', 'b2b',
    'indirect', 'other', 'other', '',
    'camille martin camille.martin' || n || '@usine-' || n %% %(companies)s || '.fr +3361'
        || lpad(n::text, 7, '0'),
    now()
FROM generate_series(0::bigint, %(leads)s - 1) AS n
"""
HEAD = (
    "Prénom",
    "Nom",
    "E-mail professionnel",
    "Tél. mobile",
    "Fonction",
    "Raison sociale",
    "Code postal",
    "Ville",
)
DUPLICATES = 10  # one row in ten is somebody of the base
CHUNK = 5000


def main() -> None:
    """Build, measure, report."""
    leads = size("LEADS", 1_000_000)
    with own_database("import") as url, tempfile.TemporaryDirectory() as folder:
        from django.conf import settings

        settings.MEDIA_ROOT, settings.IMPORT_MAX_BYTES = folder, 2_000_000_000
        path = Path(folder) / "leads.csv"
        write_file(path, leads)
        build(leads)
        figures = measure(url, path, leads)
    reach = {"ratio": "<= 2", "bulk_ratio": ">= 5", "peak_mb": "< 300", "max_wait_ms": "< 1000"}
    report("import", figures, reach)


def companies_of(leads: int) -> int:
    """How many companies the people work in."""
    return max(1, leads // 20)


def write_file(path: Path, leads: int) -> None:
    """A French file, as a spreadsheet saves it."""
    companies = companies_of(leads)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        rows = csv.writer(file, delimiter=";")
        rows.writerow(HEAD)
        for n in range(leads):
            known = n % DUPLICATES == 0
            name = f"camille.martin{n}" if known else f"elodie.petit{n}"
            title = "Acheteuse" if n % 20 == 0 else "" if known else "Responsable production"
            digits = f"{n % 1_000_000:06}"
            phone = f"06 {digits[:2]} {digits[2:4]} {digits[4:]} 7{n % 7}"
            rows.writerow(
                ("Camille" if known else "Élodie", "Martin" if known else "Petit",
                 f"{name}@usine-{n % companies}.fr",
                 "" if known else phone, title, f"Usine {n % companies}", "69003", "Lyon")
            )  # fmt: skip


def build(leads: int) -> None:
    """The base, as a database that has been in use for a while: statistics known, nothing to clean."""
    from django.db import connection

    with connection.cursor() as cursor, timed(f"a base of {leads:,} leads"):
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(BASE, {"leads": leads, "companies": companies_of(leads)})
        cursor.execute("VACUUM ANALYZE")


def measure(url: str, path: Path, leads: int) -> dict[str, float | int]:
    """The import in one copy of the base, the floor and bulk_create in another."""
    from django.db import connections

    batch = prepare(path)
    connections.close_all()
    copy = url.rpartition("/")[0] + "/ecluse_bench_import_copy"
    administer(url, 'DROP DATABASE IF EXISTS "ecluse_bench_import_copy" WITH (FORCE)',
               'CREATE DATABASE "ecluse_bench_import_copy" TEMPLATE "ecluse_bench_import"')  # fmt: skip
    try:
        with Writer(url, leads) as writer, timed("import, somebody else writing beside it") as seconds:
            peak, cpu = run_alone(batch.pk)
        batch.refresh_from_db()
        say(f"  {batch.result['counts']}; others waited {writer.longest_ms:.0f} ms at most")
        connections.close_all()
        copied, plain = floor(url, copy, batch.pk)
        bulk_rows, bulk = bulk_create(copy, min(leads, 50_000))
    finally:
        administer(url, 'DROP DATABASE IF EXISTS "ecluse_bench_import_copy" WITH (FORCE)')
    return {
        "ratio": round(seconds[0] / (copied + plain), 2),
        "bulk_ratio": round((leads / seconds[0]) / (bulk_rows / bulk), 2),
        "peak_mb": round(peak, 1),
        "max_wait_ms": round(writer.longest_ms, 1),
        "seconds": round(seconds[0], 2),
        "rows_per_second": round(leads / seconds[0]),
        "floor_seconds": round(copied + plain, 2),
        "copy_seconds": round(copied, 2),
        "bulk_rows_per_second": round(bulk_rows / bulk),
        "cpu_seconds": round(cpu, 2),
        "writes_beside": writer.writes,
        "rows": leads,
        "leads_made": batch.result["counts"]["new"],
    }


def administer(url: str, *statements: str) -> None:
    """Statements that no transaction takes."""
    connection = psycopg2.connect(url.rpartition("/")[0] + "/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
    connection.close()


def prepare(path: Path) -> Any:
    """The file uploaded, mapped by its headings, its options set; ready to run."""
    from django.core.files import File

    from capture.actions import imports as actions
    from capture.choices import ImportState

    now = datetime.now(UTC)
    with path.open("rb") as file, timed("upload and reading of its headings"):
        batch = actions.receive(upload=File(file), name=path.name, by=None, now=now)
    actions.set_mapping(batch=batch, mapping=batch.mapping, now=now)
    actions.set_options(batch=batch, options=actions.Options(channel="trade_show", notice="informed"))
    batch.state = ImportState.CHECKED
    batch.save()
    actions.ask_run(batch=batch, now=now)
    return batch


# A process of its own, so that its peak of memory is its own.
_RUN = """
import django, resource, sys, time
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
from django.utils import timezone
from capture.importing.run import run, the_only_one
from capture.models import Import
with the_only_one():
    assert run(Import.objects.get(pk=int(sys.argv[1])), now=timezone.now(), until=time.monotonic() + 86400)
"""


def run_alone(pk: int) -> tuple[float, float]:
    """Run the import as its worker does; the peak of memory in MB and the CPU seconds of that process."""
    from django.conf import settings

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _RUN, str(pk), str(settings.MEDIA_ROOT)], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return after.ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6, cpu


class Writer:
    """Somebody who goes on changing leads of the base, each in a transaction, and notes the longest wait."""

    def __init__(self, url: str, leads: int) -> None:
        self._url, self._leads = url, leads
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work)
        self.longest_ms, self.writes = 0.0, 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT min(id) FROM leads_lead")
            first = cursor.fetchone()[0]
            while not self._stop.wait(0.01):
                # Every tenth of them is one that the file names too.
                lead = first + self.writes * 7919 % self._leads // 10 * 10
                began = time.perf_counter()
                cursor.execute("UPDATE leads_lead SET last_activity_at = now() WHERE id = %s", [lead])
                self.longest_ms = max(self.longest_ms, (time.perf_counter() - began) * 1000)
                self.writes += 1
        connection.close()


def floor(url: str, copy: str, batch: int) -> tuple[float, float]:
    """COPY of all rows to a staging table; then plain INSERT … SELECT of what the import made new, into the
    same indexed tables. Seconds of each."""
    out = tempfile.TemporaryFile()  # noqa: SIM115  # both ends of a pipe in turn
    made = f"SELECT lead_id FROM capture_importrow WHERE batch_id = {int(batch)} AND state = 1"
    tables = {
        "leads_lead": f"SELECT * FROM leads_lead WHERE id IN ({made})",
        "leads_profilechange": f"SELECT * FROM leads_profilechange WHERE lead_id IN ({made})",
        "leads_touch": f"SELECT * FROM leads_touch WHERE lead_id IN ({made})",
    }  # nosec B608: of constants
    copied = plain = 0.0
    source, target = psycopg2.connect(url), psycopg2.connect(copy)
    for name, rows in tables.items():
        out.seek(0)
        out.truncate()
        with source.cursor() as cursor:
            cursor.copy_expert(f"COPY ({rows}) TO STDOUT", out)
        out.seek(0)
        with target.cursor() as cursor:
            cursor.execute(f"CREATE TEMPORARY TABLE staged (LIKE {name} INCLUDING DEFAULTS)")
            began = time.perf_counter()
            cursor.copy_expert("COPY staged FROM STDIN", out)
            target.commit()
            # What goes to staging once, as the file has it: the leads.
            copied += (time.perf_counter() - began) * (name == "leads_lead")
            began = time.perf_counter()
            cursor.execute(f"INSERT INTO {name} SELECT * FROM staged")  # nosec B608: of constants
            target.commit()
            plain += time.perf_counter() - began
            cursor.execute("DROP TABLE staged")
            # The rows brought their numbers along.
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}")  # nosec B608: of constants
            target.commit()
    say(f"floor: COPY {copied:.2f} s, plain INSERT … SELECT {plain:.2f} s")
    source.close()
    target.close()
    return copied, plain


def bulk_create(copy: str, rows: int) -> tuple[int, float]:
    """Django's own way to the same rows: bulk_create(update_conflicts) of leads as plain, then of the history
    and the first touch of each; in chunks. Nothing is read, checked or recognised."""
    code = f"""
import django, time
django.setup()
from django.utils import timezone
from leads.models import Lead, ProfileChange, Touch
now, began = timezone.now(), time.perf_counter()
names = ["first_name", "last_name", "phone", "job_title", "postcode", "city", "search_text"]
for first in range(0, {rows}, {CHUNK}):
    leads = Lead.objects.bulk_create(
        [Lead(email=f"{{'camille.martin' if n % 10 == 0 else 'bulk'}}{{n}}@usine-{{n % 500}}.fr",
              first_name="Élodie", last_name="Petit", phone=f"+3362{{n:07}}",
              job_title="Responsable production", postcode="69003", city="Lyon", created_at=now,
              search_text=f"elodie petit bulk{{n}}@usine-{{n % 500}}.fr +3362{{n:07}}")
         for n in range(first, min(first + {CHUNK}, {rows}))],
        update_conflicts=True, unique_fields=["email"], update_fields=names,
    )
    ProfileChange.objects.bulk_create(
        [ProfileChange(lead=lead, field="*", new={{name: getattr(lead, name) for name in names}},
                       origin="import", at=now) for lead in leads]
    )
    Touch.objects.bulk_create([Touch(lead=lead, at=now, channel="trade_show") for lead in leads])
print(time.perf_counter() - began)
"""
    environment = {**os.environ, "DATABASE_URL": copy}
    told = subprocess.run(
        [sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True, env=environment
    )
    seconds = float(told.stdout.split()[-1])
    say(f"bulk_create(update_conflicts): {rows / seconds:,.0f} rows a second")
    return rows, seconds


if __name__ == "__main__":
    main()
