"""The mail worker: send what is due, now."""

from __future__ import annotations

import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from nurturing.actions.invitations import post_invitations
from nurturing.actions.notices import send_notices
from nurturing.actions.send import BATCH
from nurturing.actions.send import send_due as send_batch
from nurturing.smtp import SmtpTransport

# Well below the minute after which the watchdog calls a silent worker deaf; the next sweep takes the rest.
MOST_SECONDS = 20.0


@shared_task(ignore_result=True)
def send_due() -> int:
    """Send batch after batch until nothing is due; how many were sent.

    Notices go first: somebody waits for them. Nothing is retried here: what could not leave has a new time,
    and the sweep comes back.
    """
    post_invitations(now=timezone.now())
    transport = SmtpTransport.from_url(settings.EMAIL_URL)
    sent, started = 0, time.monotonic()
    while time.monotonic() - started < MOST_SECONDS:
        notices = send_notices(now=timezone.now(), transport=transport)
        sent += notices.sent
        if notices.claimed == BATCH and notices.waits_until is None:
            continue
        summary = send_batch(now=timezone.now(), transport=transport)
        sent += summary.sent
        if summary.claimed < BATCH or summary.waits_until is not None:
            break
    return sent
