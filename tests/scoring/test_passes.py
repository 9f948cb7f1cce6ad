"""Passes over all leads from outside: the command, the scheduler's task, the admin's view of them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.urls import reverse

from scoring.models import LeadScore, RuleSet, ScoringRun
from scoring.tasks import finish_passes
from tests.scoring.conftest import counting, document

pytestmark = pytest.mark.django_db


def test_the_command_scores_everybody_and_says_so(make_lead):
    leads = [make_lead() for _ in range(3)]
    said = StringIO()
    call_command("rescore_all", stderr=said)
    assert said.getvalue().splitlines()[-1] == "3 leads, 3 changed, 3 woken"
    assert set(LeadScore.objects.values_list("lead_id", flat=True)) == {lead.pk for lead in leads}


def test_publishing_leaves_a_pass_that_the_scheduler_takes_up(make_lead, publish_document):
    lead = make_lead()
    live = publish_document(document(counting("page_viewed", 5)))
    assert not LeadScore.objects.exists()
    finish_passes()
    assert LeadScore.objects.get(pk=lead.pk).rules_version == live.version
    assert not ScoringRun.objects.filter(finished_at=None).exists()
    runs = ScoringRun.objects.count()
    finish_passes()
    assert ScoringRun.objects.count() == runs


def test_rules_and_scores_are_read_only_in_the_admin(make_lead, make_user, client):
    call_command("rescore_all", stderr=StringIO())
    client.force_login(make_user("admin", is_staff=True, is_superuser=True))
    live = RuleSet.objects.get(status="live")
    for name in ("ruleset", "leadscore", "scoringrun"):
        assert client.get(reverse(f"admin:scoring_{name}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:scoring_{name}_add")).status_code == 403
    page = reverse("admin:scoring_ruleset_change", args=[live.pk])
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "x"}).status_code == 403
    assert RuleSet.objects.get(pk=live.pk).name == "Services B2B"
