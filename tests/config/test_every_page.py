"""Every address, asked for by every role: who gets in, with which headers; asking changes nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from accounts.roles import Role
from capture.actions.forms import begin_form
from capture.models import Form
from capture.starters import STARTERS
from leads.models import Lead

MARKETER, REP, MANAGER, DPO, ADMIN = Role.MARKETER, Role.REP, Role.MANAGER, Role.DPO, Role.ADMIN
NOBODY = "nobody"

# Pages that read: the answer to a GET of each role, in the order below. 302 leads to the sign-in page, or
# to where that role's work is. The lead is nobody's; it has not been offered.
ORDER = (NOBODY, MARKETER, REP, MANAGER, DPO, ADMIN)
PAGES: dict[str, tuple[int, ...]] = {
    "": (302, 200, 302, 200, 302, 200),
    "leads/": (302, 200, 200, 200, 200, 200),
    "leads/{lead}/": (302, 200, 404, 200, 200, 200),
    "leads/{keep_id}/merge/{away_id}/": (302, 404, 403, 404, 403, 404),
    "merges/{lead}/": (302, 404, 403, 404, 403, 404),
    "duplicates/": (302, 200, 403, 200, 403, 200),
    "requests/": (302, 403, 403, 403, 200, 200),
    "requests/new/": (302, 403, 403, 403, 200, 200),
    "requests/{lead}/": (302, 403, 403, 403, 404, 404),
    "requests/{lead}/held/": (302, 403, 403, 403, 404, 404),
    "requests/{lead}/erase/": (302, 403, 403, 403, 404, 404),
    "companies/": (302, 200, 200, 200, 200, 200),
    "companies/{lead}/": (302, 404, 404, 404, 404, 404),
    "funnel/": (302, 200, 403, 200, 403, 200),
    "capacity/": (302, 200, 403, 200, 403, 200),
    "capacity/waiting/": (302, 200, 403, 200, 403, 200),
    "capacity/settings/": (302, 200, 403, 403, 403, 200),
    "messages/": (302, 200, 403, 200, 200, 200),
    "palette/": (302, 200, 200, 200, 200, 200),
    "scoring/": (302, 200, 200, 200, 200, 200),
    "scoring/likelihood/": (302, 200, 200, 200, 200, 200),
    "scoring/health/": (302, 200, 200, 200, 200, 200),
    "leads/{lead}/likelihood/": (302, 404, 404, 404, 404, 404),
    "scoring/versions/": (302, 200, 200, 200, 200, 200),
    "scoring/import/": (302, 200, 403, 403, 403, 200),
    "scoring/compare/": (302, 200, 200, 200, 200, 200),
    "scoring/templates/": (302, 200, 200, 200, 200, 200),
    "scoring/templates/{code}/": (302, 200, 200, 200, 200, 200),
    "scoring/start/": (302, 200, 403, 403, 403, 200),
    "scoring/drafts/{draft_id}/personas/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/matrix/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/matrix/picture/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/gates/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/history/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/fires/": (302, 404, 404, 404, 404, 404),
    "scoring/drafts/{draft_id}/name/": (302, 404, 403, 403, 403, 404),
    "scoring/drafts/{draft_id}/export.json": (302, 404, 404, 404, 404, 404),
    "settings/fields/": (302, 200, 403, 403, 403, 200),
    "settings/fields/new/": (302, 200, 403, 403, 403, 200),
    "settings/fields/{field_id}/": (302, 404, 403, 403, 403, 404),
    "settings/desks/": (302, 403, 403, 200, 403, 200),
    "settings/desks/log/": (302, 403, 403, 200, 403, 200),
    "settings/desks/{user_id}/": (302, 403, 403, 404, 403, 404),
    "settings/offers/": (302, 403, 403, 200, 403, 200),
    "capacity/lead/{lead}/": (302, 200, 403, 200, 403, 200),
    "settings/stages/": (302, 200, 403, 200, 403, 200),
    "settings/reasons/": (302, 200, 403, 200, 403, 200),
    "settings/reasons/new/": (302, 403, 403, 200, 403, 200),
    "settings/reasons/{reason_id}/": (302, 403, 403, 404, 403, 404),
    "leads/move/": (302, 200, 403, 200, 403, 200),
    "moves/": (302, 200, 403, 200, 403, 200),
    "moves/{lead}/": (302, 404, 403, 404, 403, 404),
    "settings/products/": (302, 403, 403, 200, 403, 200),
    "settings/products/new/": (302, 403, 403, 200, 403, 200),
    "settings/products/{product_id}/": (302, 403, 403, 404, 403, 404),
    "settings/goals/": (302, 403, 403, 200, 403, 200),
    "settings/goals/new/": (302, 403, 403, 200, 403, 200),
    "settings/goals/{goal_id}/": (302, 403, 403, 404, 403, 404),
    "settings/ageing/": (302, 403, 403, 200, 403, 200),
    "settings/partners/": (302, 403, 403, 200, 403, 200),
    "settings/partners/new/": (302, 403, 403, 200, 403, 200),
    "settings/partners/{partner_id}/": (302, 403, 403, 404, 403, 404),
    "my-leads/{lead}/opportunity/": (302, 403, 404, 404, 403, 403),
    "referrals/": (302, 403, 200, 200, 403, 403),
    "referrals/{lead}/outcome/": (302, 403, 404, 404, 403, 403),
    "r/{token}/": (404,) * 6,
    "settings/checklist/": (302, 403, 403, 200, 403, 200),
    "settings/checklist/new/": (302, 403, 403, 200, 403, 200),
    "settings/checklist/{item_id}/": (302, 403, 403, 404, 403, 404),
    "settings/checklist/templates/{code}/": (302, 403, 403, 404, 403, 404),
    "settings/webhooks/": (302, 403, 403, 403, 403, 200),
    "settings/webhooks/new/": (302, 403, 403, 403, 403, 200),
    "settings/webhooks/{webhook}/": (302, 403, 403, 403, 403, 404),
    "inbox/": (302, 403, 200, 200, 403, 403),
    "inbox/{offer}/": (302, 403, 404, 404, 403, 403),
    "inbox/{offer}/ahead/": (302, 403, 404, 404, 403, 403),
    "inbox/{offer}/snooze/": (302, 403, 404, 404, 403, 403),
    "inbox/{offer}/duplicates/": (302, 403, 404, 404, 403, 403),
    "today/": (302, 403, 200, 200, 403, 403),
    "team/": (302, 403, 403, 200, 403, 200),
    "team/export.csv": (302, 403, 403, 200, 403, 200),
    "team/{user_id}/": (302, 403, 403, 404, 403, 404),
    "settings/service-levels/": (302, 403, 403, 200, 403, 200),
    "settings/service-levels/{level_id}/": (302, 403, 403, 404, 403, 404),
    "board/": (302, 403, 200, 200, 403, 200),
    "board/{lead}/": (302, 403, 404, 404, 403, 404),
    "board/{lead}/{stage}/": (302, 403, 404, 404, 403, 404),
    "my-leads/": (302, 403, 200, 200, 403, 403),
    "my-leads/{lead}/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/work/": (302, 404, 404, 404, 404, 404),
    "my-leads/{lead}/find-out/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/call/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/task/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/note/": (302, 200, 404, 200, 403, 200),
    "tasks/{task_id}/later/": (302, 403, 404, 404, 403, 403),
    "notes/{note_id}/": (302, 404, 404, 404, 403, 404),
    "my-leads/{lead}/meetings/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/messages/": (302, 403, 404, 404, 403, 403),
    "my-leads/{lead}/profiles/": (302, 403, 404, 404, 403, 403),
    "meetings/{lead}/move/": (302, 403, 404, 404, 403, 403),
    "settings/mailbox/": (302, 403, 200, 200, 403, 403),
    "m/{token}/": (404,) * 6,
    "my-leads/{lead}/checklist/": (302, 403, 404, 404, 403, 403),
    "capture/imports/": (302, 200, 403, 403, 403, 200),
    "capture/imports/new/": (302, 200, 403, 403, 403, 200),
    "capture/imports/sample.csv": (302, 200, 403, 403, 403, 200),
    "capture/imports/{lead}/": (302, 404, 403, 403, 403, 404),
    "capture/imports/{lead}/columns/": (302, 404, 403, 403, 403, 404),
    "capture/imports/{lead}/options/": (302, 404, 403, 403, 403, 404),
    "capture/imports/{lead}/revert/": (302, 404, 403, 403, 403, 404),
    "capture/imports/{lead}/rows/": (302, 404, 403, 403, 403, 404),
    "capture/imports/{lead}/rejects.csv": (302, 404, 403, 403, 403, 404),
    "api/v1/imports/{lead}/": (401, 404, 403, 403, 403, 404),
    "api/v1/imports/{lead}/rejects": (401, 404, 403, 403, 403, 404),
    "u/{token}": (404, 404, 404, 404, 404, 404),
    "p/{token}/": (404, 404, 404, 404, 404, 404),
    "f/{slug}/": (404, 200, 404, 404, 404, 200),  # a draft: only for those who edit forms
    "f/{slug}/embed/": (404, 200, 404, 404, 404, 200),
    "f/{slug}/thanks/{token}/": (404,) * 6,
    "f/{slug}/embed/thanks/{token}/": (404,) * 6,
    "f/{slug}/challenge/": (404,) * 6,
    "f/{slug}/qr.svg": (404,) * 6,
    "c/{token}/": (404,) * 6,
    "d/{token}/": (404,) * 6,
    "embed.js": (200,) * 6,
    "api/v1/forms/{slug}/": (404,) * 6,
    "capture/forms/": (302, 200, 403, 200, 200, 200),
    "capture/forms/new/": (302, 200, 403, 403, 403, 200),
    "capture/forms/{slug}/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/questions/{pk}/": (302, 302, 403, 403, 403, 302),
    "capture/forms/{slug}/consents/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/settings/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/settings/{section}/": (302, 302, 403, 403, 403, 302),
    "capture/forms/{slug}/share/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/preview/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/submissions/": (302, 200, 403, 200, 200, 200),
    "capture/forms/{slug}/submissions/export/": (302, 200, 403, 403, 403, 200),
    "capture/quick/": (302, 200, 200, 200, 403, 200),
    "capture/quick/sw.js": (200, 200, 200, 200, 200, 200),
    "capture/submissions/": (302, 200, 403, 200, 200, 200),
    "capture/submissions/export/": (302, 200, 403, 403, 403, 200),
    "capture/submissions/{lead}/": (302, 404, 403, 404, 404, 404),
    "capture/consents/": (302, 200, 403, 200, 200, 200),
    "capture/consents/new/": (302, 200, 403, 403, 403, 200),
    "capture/consents/{pk}/": (302, 404, 403, 403, 403, 404),
    "capture/tracker/": (302, 200, 403, 200, 200, 200),
    "capture/tracker/new/": (302, 200, 403, 403, 403, 200),
    "capture/tracker/{source}/": (302, 404, 403, 404, 404, 404),
    "ecluse.js": (200,) * 6,
    "api/v1/tracker/{key}/config": (401,) * 6,
    "capture/sources/": (302, 200, 403, 200, 200, 200),
    "capture/sources/costs/": (302, 200, 403, 403, 403, 200),
    "capture/sources/costs/paste/": (302, 200, 403, 403, 403, 200),
    "capture/sources/campaigns/": (302, 200, 403, 200, 200, 200),
    "capture/sources/campaigns/new/": (302, 200, 403, 403, 403, 200),
    "capture/sources/campaigns/{pk}/": (302, 404, 403, 403, 403, 404),
    "capture/sources/rules/": (302, 200, 403, 200, 200, 200),
    "capture/sources/rules/new/": (302, 200, 403, 403, 403, 200),
    "capture/sources/rules/past/": (302, 200, 403, 403, 403, 200),
    "capture/sources/rules/{pk}/": (302, 404, 403, 403, 403, 404),
    "capture/content/": (302, 200, 403, 200, 200, 200),
    "capture/content/new/": (302, 200, 403, 403, 403, 200),
    "capture/content/{code}/": (302, 404, 403, 404, 404, 404),
    "api/v1/leads/": (401, 200, 200, 200, 200, 200),
    "api/v1/leads/{lead}/": (401, 200, 404, 200, 200, 200),
    "api/v1/leads/{lead}/events/": (401, 200, 404, 200, 200, 200),
    "api/v1/leads/{lead}/consents/": (401, 200, 403, 403, 200, 200),
    "api/v1/webhooks/": (401, 403, 403, 403, 403, 200),
    "api/v1/webhooks/{lead}/": (401, 403, 403, 403, 403, 404),
    "api/v1/leads/{lead}/score/": (401, 200, 404, 200, 200, 200),
    "api/v1/rule-sets/": (401, 200, 200, 200, 200, 200),
    "api/v1/rule-sets/{pk}/": (401, 404, 404, 404, 404, 404),
    "api/v1/rule-sets/{pk}/document/": (401, 404, 404, 404, 404, 404),
    "api/v1/rule-sets/{pk}/diff/": (401, 404, 404, 404, 404, 404),
    "api/v1/offers/": (401, 403, 200, 200, 403, 200),
    "api/v1/offers/{offer}/": (401, 403, 404, 404, 403, 404),
    "api/v1/decisions/": (401, 403, 403, 200, 403, 200),
    "api/v1/outcomes/": (401, 403, 403, 200, 403, 200),
    "api/v1/reasons/": (401, 200, 200, 200, 403, 200),
    "api/v1/reps/": (401, 403, 200, 200, 403, 200),
    "api/v1/partners/": (401, 200, 200, 200, 403, 200),
    "api/v1/checklist-items/": (401, 200, 200, 200, 403, 200),
    "api/v1/references/": (401, 403, 400, 400, 403, 400),
    "api/v1/leads/{lead}/meetings/": (401, 403, 404, 200, 403, 200),
    "api/v1/leads/{lead}/references/": (401, 403, 404, 200, 403, 200),
    "api/v1/schema/": (403, 200, 200, 200, 200, 200),
    "api/v1/docs/": (302, 200, 200, 200, 200, 200),
    "scoring/publishing/": (302, 200, 200, 200, 200, 200),
    "scoring/drafts/{draft_id}/preview/": (302, 404, 403, 404, 403, 404),
    "scoring/drafts/{draft_id}/preview/movers/": (302, 404, 403, 404, 403, 404),
    "scoring/drafts/{draft_id}/preview/{way}/": (302, 404, 403, 404, 403, 404),
    "scoring/drafts/{draft_id}/preview/{way}/export/": (302, 404, 403, 404, 403, 404),
    "scoring/drafts/{draft_id}/past-decisions/": (302, 404, 403, 404, 403, 404),
    "scoring/drafts/{draft_id}/publish/": (302, 404, 403, 403, 403, 404),
    "api/v1/rule-sets/{pk}/trials/{kind}/": (401, 404, 403, 404, 403, 404),
    "api/v1/publishing/": (401, 200, 200, 200, 200, 200),
    "leads/{lead}/score/": (302, 200, 404, 200, 200, 200),
    "leads/{lead}/next-band/": (302, 200, 404, 200, 200, 200),
    "leads/{lead}/events/{event_id}/": (302, 404, 403, 404, 403, 404),
    "voidings/": (302, 200, 403, 200, 403, 200),
    "voidings/new/": (302, 200, 403, 200, 403, 200),
    "notifications/": (302, 200, 200, 200, 200, 200),
    "notifications/bell/": (302, 200, 200, 200, 200, 200),
    "notifications/choices/": (302, 200, 200, 200, 200, 200),
    "alerts/": (302, 200, 403, 200, 403, 200),
    "alerts/new/": (302, 200, 403, 200, 403, 200),
    "alerts/{alert_id}/": (302, 404, 403, 404, 403, 404),
    "api/v1/leads/{lead}/next-band/": (401, 200, 404, 200, 200, 200),
    "api/v1/leads/{lead}/adjustments/": (401, 200, 404, 200, 200, 200),
    "api/v1/companies/{lead}/score/": (401, 404, 403, 404, 403, 404),
    "livez": (200,) * 6,
    "readyz": (200,) * 6,
    "accounts/login/": (200, 302, 302, 302, 302, 302),
}
# Scripts that sites load: anybody's, and kept for minutes.
PUBLIC_FILES = {"embed.js", "ecluse.js", "capture/quick/sw.js"}
VALUES = {"offer": "4711", "field_id": "4711", "webhook": str(UUID(int=1)), "token": "none"}
VALUES |= {"draft_id": "4711", "edit_id": "4711", "code": "agency"}
VALUES |= {"event_id": "4711", "alert_id": "4711", "adjustment_id": "4711", "notification_id": "4711"}
VALUES |= {"task_id": "4711", "note_id": "4711", "reason_id": "4711"}
VALUES |= {"item_id": "4711", "product_id": "4711", "goal_id": "4711", "partner_id": "4711"}
VALUES |= {"keep_id": str(UUID(int=2)), "away_id": str(UUID(int=3))}
VALUES |= {"slug": "a-form", "pk": "4711", "section": "general", "source": "4711", "key": "none"}
VALUES |= {"stage": "sal", "user_id": "4711", "level_id": "4711"}


def _routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for part in resolver.url_patterns:
        address = prefix + str(part.pattern)
        if isinstance(part, URLPattern):
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", address)
        else:
            yield from _routes(part, address)


@pytest.fixture
def client_of(make_user: Callable[..., User]) -> Callable[[str], Client]:
    """A browser signed in as somebody of a role."""

    def sign_in(role: str) -> Client:
        client = Client()
        if role != NOBODY:
            client.force_login(make_user(role), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture(autouse=True)
def _a_form(make_user: Callable[..., User], now: datetime) -> None:
    """A draft of a form, so that the builder's pages have something to show."""
    form = begin_form(starter=STARTERS[0], language="fr", by=make_user(MARKETER), now=now)
    Form.objects.filter(pk=form.pk).update(slug="a-form")


@pytest.mark.parametrize("role", ORDER)
def test_b44_b45_b55_each_page_lets_in_whom_the_table_says_and_keeps_the_browser_policy(
    client_of: Callable[[str], Client], make_lead: Callable[..., Lead], role: str
) -> None:
    """One walk by each role, since a page costs a tenth of a second; by a lead that tries to run scripts."""
    lead = make_lead(first_name="<img src=x onerror=alert(1)>", last_name='"><script>alert(1)</script>')
    client = client_of(role)
    got = {page: _get(client, page, lead) for page in [*PAGES, "no/such/page"]}
    statuses = {page: answer.status_code for page, answer in got.items() if page in PAGES}
    assert statuses == {page: answers[ORDER.index(role)] for page, answers in PAGES.items()}
    for page, answer in got.items():
        _check_headers(page, answer)
        _check_nothing_inline(page, answer)
        if role != NOBODY and page not in PUBLIC_FILES:
            assert "no-store" in answer.headers.get("Cache-Control", ""), page


def _check_headers(page: str, answer: HttpResponse) -> None:
    policy = answer.headers.get("Content-Security-Policy", "")
    assert "default-src 'none'" in policy, page
    assert "unsafe" not in policy, page
    assert answer.headers["X-Content-Type-Options"] == "nosniff", page
    assert "Permissions-Policy" in answer.headers, page


def _check_nothing_inline(page: str, answer: HttpResponse) -> None:
    if page.startswith("api/") or page.endswith("export/"):
        return
    html = answer.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)", html), page
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html), page
    assert "<img src=x" not in html, page


def test_b52_asking_changes_nothing(
    client_of: Callable[[str], Client], make_lead: Callable[..., Lead], now: datetime
) -> None:
    lead = make_lead()
    clients = [client_of(role) for role in ORDER]
    before = _contents()
    for role, client in zip(ORDER, clients, strict=True):
        for route in _routes(get_resolver()):
            if not route.startswith(("admin/", "accounts/logout")):
                client.get("/" + _fill(route, lead))
                if role == ADMIN:
                    client.head("/" + _fill(route, lead))
    assert _contents() == before


def _contents() -> dict[str, list[object]]:
    """Every row of every table of Écluse; what sign-in and workers keep beside it left out."""
    tables = [
        name
        for name in connection.introspection.table_names()
        if name.startswith(("accounts_", "leads_", "scoring_", "funnel_", "nurturing_"))
    ]
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f"SELECT row_to_json(t)::text FROM {table} AS t ORDER BY 1")
            found[table] = [row[0] for row in cursor.fetchall()]
    return found


def _get(client: Client, page: str, lead: Lead) -> HttpResponse:
    return client.get("/" + _fill(page, lead))  # type: ignore[return-value]


def _fill(route: str, lead: Lead) -> str:
    values = {**VALUES, "lead": str(lead.public_id), "public_id": str(lead.public_id), "offer_id": "4711"}
    return re.sub(r"\{(\w+)\}", lambda name: values.get(name[1], "x"), route)


# Routes that take POSTs alone end in one of these.
ONLY_POSTS = [
    r"service-levels/\{level_id\}/delete",
    r"disconnect",
    r"decline",
    r"snooze",
    r"reopen",
    r"calls",
    r"tasks",
    r"messages",
    r"checklist",
    r"references/\{system\}/\{kind\}",
    r"settings/desks/new",
    r"take-back",
    r"open",
    r"leave",
    r"close",
    r"call-off",
    r"accept",
    r"act",
    r"act/\{verb\}",
    r"add",
    r"adjustments",
    r"adjustments/\{adjustment_id\}/withdraw",
    r"alerts/\{alert_id\}/delete",
    r"answer",
    r"answered",
    r"api/v1/forms/\{slug\}/submissions",
    r"api/v1/imports",
    r"arrange",
    r"cancel",
    r"capacity/draft",
    r"change",
    r"confirm",
    r"count",
    r"disqualify",
    r"drafts/new",
    r"drafts/\{draft_id\}/discard",
    r"events",
    r"events/void",
    r"events/\{event_id\}/(verdict|void)",
    r"gates/\{gate\}/\{verb\}",
    r"join/\{away_id\}",
    r"lose",
    r"lost",
    r"matrix/save/\{section\}",
    r"move",
    r"not-the-same",
    r"notes/\{note_id\}/delete",
    r"notifications/(read|\{notification_id\}/open)",
    r"occasion",
    r"order",
    r"personas/(\{verb\}|save|trait)",
    r"profile",
    r"put-back",
    r"qualify",
    r"refer",
    r"remove",
    r"requests/\{public_id\}/(export|extend)",
    r"requests/\{public_id\}/person/\{lead_id\}",
    r"research",
    r"restore",
    r"return",
    r"rule-sets/validate",
    r"rule-sets/\{pk\}/(publish|roll-back)",
    r"setlang",
    r"sift",
    r"start",
    r"steps/\{table\}/\{verb\}",
    r"take",
    r"test",
    r"tasks/\{task_id\}/done",
    r"tracker/ping",
    r"tracker/withdraw",
    r"transfer-consent",
    r"undo",
    r"undo/\{edit_id\}",
    r"win",
    r"won",
    r"unsnooze",
]


def test_a_new_page_needs_a_line_in_the_table() -> None:
    """Every readable route is in the table; those that only take POSTs, and allauth's own, are named here."""
    only_posts = re.compile(rf"({'|'.join(ONLY_POSTS)})/$")
    routes = {route for route in _routes(get_resolver()) if not route.startswith(("admin/", "accounts/"))}
    known = {page.replace("{lead}", "{public_id}").replace("{offer}", "{offer_id}") for page in PAGES}
    assert {r for r in routes - known if not only_posts.search(r) and r != "styleguide/"} == set()


def test_sessions_end_when_somebody_is_deactivated(client_of: Callable[[str], Client]) -> None:
    client = client_of(MARKETER)
    assert client.get("/leads/").status_code == 200
    User.objects.update(is_active=False)
    assert client.get("/leads/").status_code == 302
    assert Session.objects.exists()
    assert settings.SESSION_COOKIE_AGE == 7 * 24 * 3600
