"""Telling people of leads: once, who may see it, in the way each chose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from funnel.actions.telling import Tale, tell, tell_all
from funnel.models import Rep
from scoring.alerting import Choice
from scoring.models import Notification, NotificationChoice
from scoring.telling_words import LABELS, sentence
from scoring.tellings import PARTING, Channel, Telling, channel_of

EVENING = datetime(2026, 3, 12, 20, 0, tzinfo=UTC)
MORNING = datetime(2026, 3, 13, 8, 0, tzinfo=UTC)  # the desk opens at 9:00 in Paris


def test_the_same_is_told_once_and_another_occurrence_again(make_lead, make_user, now) -> None:
    user, lead = make_user("manager"), make_lead()
    for _time in range(2):
        tell(users=[user], kind="task_due", lead=lead, now=now, task=1, what="Rappeler")
    tell(users=[user], kind="task_due", lead=lead, now=now, task=2, what="Rappeler")
    assert Notification.objects.filter(user=user, trigger="task_due").count() == 2


def test_nobody_is_told_of_a_lead_that_they_may_not_see(make_lead, make_user, now) -> None:
    owner, other = make_user("rep"), make_user("rep")
    lead = make_lead(owner=owner)
    tell(users=[owner, other], kind="mention", lead=lead, now=now, who="Camille")
    assert [one.user for one in Notification.objects.all()] == [owner]


def test_who_lost_a_lead_is_told_so_all_the_same(make_lead, make_user, now) -> None:
    former = make_user("rep")
    tell(users=[former], kind="handed_over", lead=make_lead(), now=now, who="Camille")
    assert Notification.objects.get().trigger in PARTING


def test_who_wants_nothing_of_a_kind_or_left_hears_nothing(make_lead, make_user, now) -> None:
    quiet, gone = make_user("manager"), make_user("manager", is_active=False)
    NotificationChoice.objects.create(user=quiet, channels={"mention": "none"})
    tell(users=[quiet, gone], kind="mention", lead=make_lead(), now=now)
    assert not Notification.objects.exists()


def test_what_is_about_no_lead_is_told_to_everybody(make_user, now) -> None:
    assert tell(users=[make_user("rep")], kind="threshold_changed", lead=None, now=now, what="62")


def test_an_unknown_kind_is_a_mistake(make_lead, now) -> None:
    with pytest.raises(ValueError, match="gossip"):
        tell(users=[], kind="gossip", lead=make_lead(), now=now)


def test_a_desk_is_left_in_peace_outside_its_hours(make_lead, make_user) -> None:
    user, free = make_user("manager"), make_user("manager")
    Rep.objects.create(user=user)
    tell(users=[user, free], kind="mention", lead=make_lead(), now=EVENING)
    due = dict(Notification.objects.values_list("user", "email_due_at"))
    assert due == {user.pk: MORNING, free.pk: EVENING}


def test_own_quiet_hours_come_before_those_of_the_desk(make_lead, make_user) -> None:
    user = make_user("manager")
    Rep.objects.create(user=user)
    NotificationChoice.objects.create(user=user, quiet_from="22:00", quiet_until="07:00")
    tell(users=[user], kind="mention", lead=make_lead(), now=EVENING)
    assert Notification.objects.get().email_due_at == EVENING


def test_a_digest_comes_at_its_hour(make_lead, make_user, now) -> None:
    user = make_user("manager")
    NotificationChoice.objects.create(user=user, channels={"mention": "digest"}, digest_hour=18)
    tell(users=[user], kind="mention", lead=make_lead(), now=now)
    assert Notification.objects.get().email_due_at == now.replace(hour=17)


def test_many_are_told_by_a_few_queries(make_lead, make_user, now, django_assert_num_queries) -> None:
    users = [make_user("manager") for _number in range(3)]
    leads = [make_lead() for _number in range(5)]
    tales = [Tale(user.pk, Telling.MENTION, lead.pk, {"note": 1}) for user in users for lead in leads]
    with django_assert_num_queries(1 + len(users) + 2):
        assert len(tell_all(tales, now=now)) == 15


@pytest.mark.parametrize("mail", ["at_once", "digest", "never"])
def test_how_somebody_wants_mails_bounds_what_is_usual(mail: str) -> None:
    bound = {"at_once": Channel.AT_ONCE, "digest": Channel.DIGEST, "never": Channel.APP}[mail]
    assert channel_of(Telling.MENTION, Choice(mail)) is bound
    assert channel_of(Telling.MENTION, Choice(mail, channels={"mention": "at_once"})) is Channel.AT_ONCE
    assert channel_of(Telling.OFFER_EXPIRED, Choice(mail)) is Channel.APP


@pytest.mark.parametrize("kind", list(Telling))
def test_every_kind_has_words_with_and_without_facts(kind: Telling, now) -> None:
    with translation.override("en"):
        assert sentence(kind, {}) == LABELS[kind]
        full = {"until": now.isoformat(), "since": now.isoformat(), "who": "Camille", "what": "62 %"}
        assert "%(" not in sentence(kind, full)


def test_moments_are_said_in_the_readers_time_zone() -> None:
    moment = datetime(2026, 3, 12, 11, 0, tzinfo=UTC) + timedelta(hours=1)
    assert "13:00" in sentence("offer_new", {"until": moment.isoformat()})
