"""Qualification and referrals with real threads on a real PostgreSQL: at one moment, one outcome."""

from __future__ import annotations

import pytest
from django.core import mail

from funnel import actions
from funnel.actions.ageing import give_up_aged, set_rule
from funnel.actions.partner_mail import tell_partners
from funnel.actions.referrals import record_transfer_consent
from funnel.ageing import Limits
from funnel.models import AnswerVersion, ChecklistAnswer, Passage, Referral
from funnel.service_levels import UNDO_ON_SERVER
from tests.funnel.conftest import COLD, verdict
from tests.funnel.test_concurrency import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_referring_five_times_at_once_passes_on_once_and_tells_once(make_rep, make_sal, make_partner, now):
    make_rep()
    sal, partner = make_sal(), make_partner()
    by = sal.rep.user
    record_transfer_consent(lead=sal.lead, way="phone", by=by, now=now)
    press = [lambda: actions.refer(lead=sal.lead, by=by, now=now, partner=partner)] * 5
    assert at_once(*press) == [""] * 5
    assert Referral.objects.count() == 1
    at_once(*[lambda: tell_partners(now=now + UNDO_ON_SERVER)] * 3)
    assert len(mail.outbox) == 1


def test_answers_given_at_once_are_all_in_the_history_and_one_stands(make_rep, make_sal, now):
    make_rep()
    sal = make_sal()
    by = sal.rep.user
    said = [
        lambda value=value: actions.confirm(lead=sal.lead, item="budget", by=by, now=now, value=value)
        for value in ("10 k€", "20 k€", "30 k€")
    ]
    assert at_once(*said) == [""] * 3
    last = AnswerVersion.objects.latest("pk")
    assert AnswerVersion.objects.count() == 3
    assert ChecklistAnswer.objects.get().value == last.value


def test_two_nightly_runs_at_once_give_up_each_lead_once(make_lead, make_user, now):
    lead = make_lead(created_at=now.replace(year=now.year - 2))
    actions.place({lead.pk: verdict(lead, COLD)}, now=now)
    set_rule(limits=Limits(days=365), is_on=True, by=make_user("admin"), now=now)
    at_once(*[lambda: give_up_aged(now=now)] * 3)
    assert Passage.objects.filter(lead=lead, verb="disqualify").count() == 1
