"""An issue of a newsletter goes through the same rows and the same checks as everything else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from funnel.models import Standing
from leads.models import Content, Lead, List, ListMembership
from nurturing.actions.newsletter import Issue, plan_issue
from nurturing.actions.send import send_due
from nurturing.actions.settings import set_up
from nurturing.archive import ArchiveTransport
from nurturing.definitions import definitions
from nurturing.models import MailSettings, Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def letter(site: MailSettings, now: datetime) -> List:
    return List.objects.create(code="lettre", name="La lettre", is_newsletter=True, created_at=now)


@pytest.fixture
def subscribe(letter: List, make_lead: Callable[..., Lead], stand: Callable[..., Standing], now: datetime):
    """A member of the list who stands somewhere in the funnel."""

    def make(stage: str = "mql", situation: str = "marketing", **fields: object) -> Lead:
        lead = make_lead(**fields)
        stand(lead, stage, situation)
        ListMembership.objects.create(list=letter, lead=lead, joined_at=now)
        return lead

    return make


@pytest.fixture
def issue(make_content: Callable[..., Content]) -> Issue:
    return Issue("lettre", "2026-03", "La lettre de mars", (make_content(), make_content()))


def test_the_discreet_preset_sends_the_newsletter_to_an_mql(
    subscribe: Callable[..., Lead], issue: Issue, now: datetime
) -> None:
    set_up(preset="discret")
    lead = subscribe()
    assert plan_issue(issue, now=now) == {"planned": 1}
    archive = ArchiveTransport()
    assert send_due(now=now, transport=archive).sent == 1
    ((recipient, raw),) = archive.messages
    mail = message_from_bytes(raw, policy=policy.default)
    assert recipient == lead.email
    assert mail["Subject"] == "La lettre de mars"
    body = mail.get_body(("html",))
    assert body is not None
    for piece in issue.contents:
        assert piece.title in body.get_content()
        assert f'href="{piece.url}"' in body.get_content()


@pytest.mark.parametrize(
    ("stage", "situation", "fields", "counts"),
    [
        ("lead", "", {}, {"planned": 1}),
        ("mql", "ready", {}, {"planned": 1}),
        ("mql", "offered", {}, {"planned": 1}),
        ("customer", "", {}, {"planned": 1}),
        ("disqualified", "", {}, {"held": 1}),
        ("lead", "", {"audience": "b2c"}, {"held": 1}),
    ],
)
def test_who_gets_the_issue(
    subscribe: Callable[..., Lead],
    issue: Issue,
    now: datetime,
    stage: str,
    situation: str,
    fields: dict[str, object],
    counts: dict[str, int],
) -> None:
    subscribe(stage, situation, **fields)
    assert plan_issue(issue, now=now) == counts


def test_who_left_the_list_is_not_written_to(
    subscribe: Callable[..., Lead], issue: Issue, now: datetime
) -> None:
    subscribe()
    ListMembership.objects.update(left_at=now)
    assert plan_issue(issue, now=now) == {}


def test_f58_the_same_issue_again_goes_only_to_who_joined_since(
    subscribe: Callable[..., Lead], issue: Issue, now: datetime
) -> None:
    subscribe()
    plan_issue(issue, now=now)
    subscribe()
    assert plan_issue(issue, now=now + timedelta(hours=1)) == {"planned": 1}
    assert Message.objects.count() == 2


def test_the_number_of_queries_does_not_depend_on_the_number_of_members(
    subscribe: Callable[..., Lead], issue: Issue, now: datetime
) -> None:
    for _ in range(7):
        subscribe()
    definitions()
    with CaptureQueriesContext(connection) as queries:
        assert plan_issue(issue, now=now) == {"planned": 7}
    assert len(queries) == 13
