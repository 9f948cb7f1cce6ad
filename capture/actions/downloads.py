"""Content handed out is something the lead did."""

from __future__ import annotations

from datetime import datetime

import msgspec
from django.db import transaction
from django.utils.timezone import localdate

from capture.actions.acceptance import accept
from capture.choices import SubmissionState
from capture.models import Submission
from leads.actions.events import new_event, record_events
from leads.incoming import Outcome, digest_of
from leads.kinds import BY_CODE
from leads.models import Content, Source, Verdict


@transaction.atomic
def note_download(*, submission: Submission, content: Content, now: datetime) -> bool:
    """Record that the sender of ``submission`` pressed to get ``content``; once a day, by a person's hand.

    A submission that waits to be taken in is taken in now: nobody waits for a worker to be counted. Where
    there is no lead (spam, a form of somebody who never confirmed) nothing is recorded.
    """
    submission = (
        Submission.objects.select_related("form").select_for_update(of=("self",)).get(pk=submission.pk)
    )
    if submission.state == SubmissionState.RECEIVED:
        accept(submission, now=now)
    if submission.state != SubmissionState.ACCEPTED or submission.lead_id is None:
        return False
    name = f"download:{submission.public_id}:{content.pk}:{localdate(now)}"
    event = new_event(
        lead_id=submission.lead_id,
        kind_id=BY_CODE["content_downloaded"].id,
        occurred_at=now,
        source_id=Source.FORMS,
        event_id=name,
        properties={"form": submission.form.slug},
        visitor_id=submission.visitor_id,
        content_id=content.pk,
        channel=submission.form.channel,
        verdict=Verdict.HUMAN,
    )
    # The second press of a day comes at another time: it is the same event all the same.
    event = msgspec.structs.replace(event, digest=digest_of(name.encode()))
    return record_events([event], now=now)[0] is Outcome.STORED
