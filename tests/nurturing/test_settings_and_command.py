"""Setting the site up, and deciding about unknown messages from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from accounts.models import User
from nurturing.actions.settings import set_up
from nurturing.models import MailSettings, Message, MessageDecision, State, Template, Track
from nurturing.shipped import LANGUAGES, TEMPLATES, TRACKS, add_shipped

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "changes",
    [
        {"most_a_day": 0},
        {"most_a_week": 0},
        {"most_a_day": -1},
        {"siren": "12 34"},
        {"sender_email": "not an address"},
        {"preset": "loud"},
    ],
)
def test_b59_settings_that_make_no_sense_are_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        set_up(**changes)


def test_a_setting_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="most_an_hour"):
        set_up(most_an_hour=1)


def test_the_shipped_tracks_and_templates_are_there_once() -> None:
    add_shipped()
    add_shipped()
    assert {track.code for track in TRACKS} == set(Track.objects.values_list("code", flat=True))
    assert Template.objects.count() == len(TEMPLATES) * len(LANGUAGES)
    assert MailSettings.objects.count() == 1


def test_what_a_site_changed_is_left_alone() -> None:
    Track.objects.filter(code="welcome").update(is_active=False, name="Accueil")
    add_shipped()
    assert Track.objects.get(code="welcome").name == "Accueil"


@pytest.fixture
def unknown(make_message: Callable[..., Message], now: datetime) -> Message:
    return make_message(state=State.UNKNOWN, data_started_at=now, message_id="<x@exemple.fr>")


def test_a_person_decides_from_the_command_line(unknown: Message, make_user: Callable[..., User]) -> None:
    user, said = make_user("admin"), StringIO()
    call_command("decide_message", unknown.pk, "send_again", by=user.email, note="nothing came", stdout=said)
    unknown.refresh_from_db()
    assert (unknown.state, unknown.message_id) == (State.PLANNED, None)
    assert "planned" in said.getvalue()
    assert MessageDecision.objects.get().by == user


@pytest.mark.parametrize(
    ("state", "by", "note"), [("sent", None, "x"), ("unknown", "nobody@x.fr", "x"), ("unknown", None, " ")]
)
def test_the_command_says_what_is_in_the_way(
    unknown: Message, make_user: Callable[..., User], now: datetime, state: str, by: str | None, note: str
) -> None:
    user = make_user("admin")
    Message.objects.filter(pk=unknown.pk).update(state=state, sent_at=now)
    with pytest.raises(CommandError):
        call_command("decide_message", unknown.pk, "was_sent", by=by or user.email, note=note)
    assert not MessageDecision.objects.exists()
