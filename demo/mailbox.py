"""What people do with the emails they get: some load them, some click; drawn for each message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from random import Random

from leads.actions.events import new_event
from leads.channels import Channel
from leads.incoming import NewEvent
from leads.kinds import BY_CODE
from leads.models.event import Source
from nurturing.models import Message, State

LOADED, CLICKED = 0.46, 0.17


def reactions(
    *, since: datetime, until: datetime, seed: int, day: int, numbers: Mapping[int, int]
) -> list[NewEvent]:
    """The events that follow the messages sent in that span, which ends on ``day`` of the story.

    ``numbers``: the person of each lead id. What people do depends on who, when and which letter, never on
    ids of rows, so that one seed tells one story.
    """
    sent = Message.objects.filter(state=State.SENT, sent_at__gte=since, sent_at__lt=until).order_by("pk")
    return [
        event
        for message in sent
        for event in _of(
            message, Random(f"{seed}/mail/{numbers[message.lead_id]}/{day}/{message.template_id}")
        )
    ]


def _of(message: Message, rng: Random) -> Iterator[NewEvent]:
    assert message.sent_at is not None
    yield _event(message, "email_delivered", message.sent_at + timedelta(seconds=4))
    luck, read_at = rng.random(), message.sent_at + timedelta(minutes=rng.randint(5, 500))
    if luck < LOADED:
        yield _event(message, "email_opened", read_at)
    if luck < CLICKED:
        yield _event(message, "email_clicked", read_at + timedelta(seconds=20))
        if message.content_id:
            yield _event(message, "page_viewed", read_at + timedelta(seconds=24))


def _event(message: Message, kind: str, at: datetime) -> NewEvent:
    return new_event(
        lead_id=message.lead_id,
        kind_id=BY_CODE[kind].id,
        occurred_at=at,
        source_id=Source.DEMO,
        event_id=f"{kind}:{message.pk}",
        content_id=message.content_id,
        channel=Channel.EMAILING,
        properties={"message": message.pk},
    )
