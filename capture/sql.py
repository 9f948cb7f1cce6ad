"""The statements that take a slice of a file in, set-wise."""

from __future__ import annotations

from functools import cache

from django.db import connection

from capture.choices import RowState
from capture.imports.slices import TEXTS
from leads.choices import Origin
from leads.models import Lead

# Rows that nobody may take in again, and those that are as good as an objection to being written to.
OPPOSING = ("erased", "objection", "complaint", "unsubscribed")

# A slice looks leads up by their keys, one by one. While a base fills up, the planner still believes it
# empty and would read all of it for each row.
# Nor does a slice wait for the disk: where the server lost it, it is done again, as its end was lost too.
PLAN = "SET LOCAL enable_seqscan = off; SET LOCAL jit = off; SET LOCAL synchronous_commit = off"

# A table of this session, emptied by each commit. New leads get their numbers as the rows are copied in.
STAGE = """
CREATE TEMPORARY TABLE IF NOT EXISTS import_row (
    line integer, email text, email_display text, email_flags varchar[], email_mark text, reference text,
    phone text, phone_raw text, phone_is_valid boolean, phone_mark text, audience text, channel text,
    owner_id bigint, created_at timestamptz, company_key text, search_text text, told jsonb,
    by_phone boolean,
    first_name text, last_name text, language text, address text, postcode text, city text, region text,
    country text, company_role text, job_title text, department text, seniority text, need text,
    pain_point text, budget_range text, landing_page text, project_month date, interests varchar[],
    social jsonb, custom jsonb,
    new_id bigint DEFAULT nextval(pg_get_serial_sequence('leads_lead', 'id'))
) ON COMMIT DELETE ROWS;
CREATE TEMPORARY TABLE IF NOT EXISTS import_company (key text, company_id bigint) ON COMMIT DELETE ROWS;
DELETE FROM import_row;
DELETE FROM import_company
"""
# What the planner has to know of a slice: the columns by which it is joined.
STATISTICS = (
    "ANALYZE import_row (line, email, email_mark, reference, phone, phone_mark, company_key, new_id), "
    "import_company"
)
COPY = "COPY import_row ({columns}) FROM STDIN"
FORGET = "DELETE FROM import_row WHERE line = ANY(%s)"

# Rows of people who objected. An address is opposed by itself; whoever has an email is not held to what was
# said of a phone that several may share, unless its owner was erased.
OPPOSED = """
SELECT DISTINCT row.line FROM leads_suppression AS told
JOIN import_row AS row ON row.email_mark = told.fingerprint
    OR row.phone_mark = told.fingerprint AND (row.email IS NULL OR told.reason = 'erased')
WHERE told.reason = ANY(%(opposing)s) AND told.topic = '' AND told.released_at IS NULL
    AND (told.until IS NULL OR told.until > %(at)s)
"""

# The lead of each row that is somebody known: by email, else reference, else phone, as `recognise` finds it.
_BY_EMAIL = """(SELECT coalesce(lead.merged_into_id, lead.id) FROM leads_lead AS lead
    WHERE lead.email = row.email AND lead.erased_at IS NULL)"""
_BY_REFERENCE = """(SELECT coalesce(lead.merged_into_id, lead.id) FROM leads_lead AS lead
    WHERE lead.reference = row.reference AND lead.erased_at IS NULL)"""
# "+ 0" and "IS NOT DISTINCT": or the planner may choose to read all leads until it finds the number.
_BY_PHONE = """(SELECT min(lead.id + 0) FROM leads_lead AS lead
    WHERE row.by_phone AND lead.phone = row.phone AND lead.merged_into_id IS NOT DISTINCT FROM NULL
    AND lead.erased_at IS NULL
    AND (row.email IS NULL OR lead.email IS NULL))"""
MATCH = f"""
SELECT line, lead_id FROM (
    SELECT row.line, coalesce({_BY_EMAIL}, {_BY_REFERENCE}, {_BY_PHONE}) AS lead_id FROM import_row AS row
) AS found WHERE lead_id IS NOT NULL
"""  # nosec B608: of constants

_ERASED = """SELECT FROM leads_suppression AS told
    WHERE told.fingerprint = {} AND told.reason = 'erased' AND told.released_at IS NULL"""

# Columns of a new lead that the file or the options tell; every other one gets its model's default.
_TOLD = {
    "id": "row.new_id",
    "public_id": "gen_random_uuid()",
    "reference": "row.reference",
    "email": "row.email",
    "email_display": "coalesce(row.email_display, '')",
    "email_flags": "coalesce(row.email_flags, '{}')",
    "phone": "row.phone",
    "phone_raw": "coalesce(row.phone_raw, '')",
    "phone_is_valid": "row.phone_is_valid",
    "audience": "row.audience",
    "channel": "coalesce(row.channel, %(channel)s)",
    "last_channel": "coalesce(row.channel, %(channel)s)",
    "acquisition": "%(acquisition)s",
    "owner_id": "row.owner_id",
    "company_id": "employer.company_id",
    "project_month": "row.project_month",
    "interests": "coalesce(row.interests, '{}')",
    "social": "coalesce(row.social, '{}')",
    "custom": "coalesce(row.custom, '{}')",
    "search_text": "row.search_text",
    "created_at": "coalesce(row.created_at, %(at)s)",
    **{name: f"coalesce(row.{name}, '')" for name in TEXTS},
}


def _literal(value: object) -> str:
    """A model's default as SQL writes it."""
    with connection.cursor() as cursor:
        return str(cursor.mogrify("%s", [value]).decode()).replace("%", "%%")


@cache
def insert_leads(*, wary: bool) -> str:
    """The statement that makes a lead of each row that is nobody known (``matched`` lists the others), with
    its row of the import, its history and its lists, and gives their lines.

    Where somebody else makes one of these people at
    the same moment, the statement fails, or if ``wary`` leaves that row out; being wary costs a seventh more.
    Whoever was erased a moment ago is seen by the
    same statement that would make them anew: either their lead is still there, or the mark against them is.
    """
    fields = list(Lead._meta.concrete_fields)
    columns_of = {str(field.column): field for field in fields}
    named = ", ".join(columns_of)
    values = ", ".join(
        _TOLD.get(column) or _literal(field.get_db_prep_save(field.get_default(), connection))
        for column, field in columns_of.items()
    )
    on_conflict = "ON CONFLICT DO NOTHING" if wary else ""
    return f"""
WITH made AS (
    INSERT INTO leads_lead ({named})
    SELECT {values}
    FROM import_row AS row LEFT JOIN import_company AS employer ON employer.key = row.company_key
    WHERE row.line <> ALL(%(matched)s)
        AND NOT EXISTS ({_ERASED.format("row.email_mark")})
        AND NOT EXISTS ({_ERASED.format("row.phone_mark")})
    ORDER BY row.email, row.reference
    {on_conflict} RETURNING id
), fates AS (
    INSERT INTO capture_importrow (batch_id, line, state, lead_id)
    SELECT %(batch)s, row.line, {RowState.NEW}, made.id
    FROM made JOIN import_row AS row ON row.new_id = made.id
), history AS (
    INSERT INTO leads_profilechange (lead_id, field, old, new, origin, at, by_id)
    SELECT made.id, '*', NULL, row.told, '{Origin.IMPORT}', %(at)s, %(by)s
    FROM made JOIN import_row AS row ON row.new_id = made.id
), listed AS (
    INSERT INTO leads_listmembership (list_id, lead_id, joined_at)
    SELECT list, made.id, %(at)s FROM made CROSS JOIN unnest(%(lists)s::bigint[]) AS list
), touched AS (
    INSERT INTO leads_touch (lead_id, at, channel, campaign_id, utm, referrer, page, marks, was_channel)
    SELECT made.id, coalesce(row.created_at, %(at)s), coalesce(row.channel, %(channel)s), %(campaign)s,
        '{{}}', '', '', '{{}}', ''
    FROM made JOIN import_row AS row ON row.new_id = made.id
)
SELECT row.line, made.id FROM made JOIN import_row AS row ON row.new_id = made.id
"""  # nosec B608: of constants


# What became of rows that made no lead.
FATES = """
INSERT INTO capture_importrow (batch_id, line, state, lead_id, before, code, reason)
SELECT %(batch)s, fate.line, fate.state, fate.lead_id, fate.before, coalesce(fate.code, ''),
    coalesce(fate.reason, '')
FROM jsonb_to_recordset(%(fates)s::jsonb)
    AS fate(line int, state smallint, lead_id bigint, before jsonb, code text, reason text)
"""
HISTORY = """
INSERT INTO leads_profilechange (lead_id, company_id, field, old, new, origin, at, by_id)
SELECT one.lead_id, one.company_id, one.field, one.old, one.new, 'import', %(at)s, %(by)s
FROM jsonb_to_recordset(%(changes)s::jsonb)
    AS one(lead_id bigint, company_id bigint, field text, old jsonb, new jsonb)
"""
TOUCH = """
INSERT INTO leads_touch (lead_id, at, channel, campaign_id, utm, referrer, page, marks, was_channel)
SELECT lead, %(at)s, %(channel)s, %(campaign)s, '{}', '', '', '{}', ''
FROM unnest(%(leads)s::bigint[]) AS lead
"""
JOIN = """
INSERT INTO leads_listmembership (list_id, lead_id, joined_at)
SELECT list, lead, %(at)s FROM unnest(%(lists)s::bigint[]) AS list, unnest(%(leads)s::bigint[]) AS lead
ON CONFLICT DO NOTHING
"""


def update(table: str, columns: tuple[str, ...]) -> str:
    """The statement that writes ``columns`` of many rows, given as JSON with their ids."""
    sets = ", ".join(f"{name} = new.{name}" for name in columns)
    return (
        f"UPDATE {table} AS old SET {sets} FROM jsonb_populate_recordset(NULL::{table}, %(rows)s::jsonb) "  # nosec B608
        "AS new WHERE old.id = new.id"
    )


# Which of these leads the import has met before; which lines of the file an earlier import has done.
# Lead by lead: the planner knows nothing yet of the rows of an import at work, and would read all of them.
MET = """
SELECT lead FROM unnest(%s::bigint[]) AS lead WHERE EXISTS (
    SELECT FROM capture_importrow AS row WHERE row.lead_id = lead AND row.batch_id + 0 = %s OFFSET 0
)
"""
DONE_BEFORE = """
SELECT row.line FROM capture_importrow AS row JOIN capture_import AS earlier ON earlier.id = row.batch_id
WHERE earlier.sha256 = %s AND earlier.id <> %s AND row.lead_id IS NOT NULL
    AND earlier.state NOT IN ('reverting', 'reverted')
"""
# The next leads to have scored: made or changed, in the order of the file.
TO_WAKE = """
SELECT line, lead_id FROM capture_importrow
WHERE batch_id = %s AND line > %s AND lead_id IS NOT NULL AND state <> 3
ORDER BY line LIMIT %s
"""
