"""Forgetting what was only kept for a while."""

from __future__ import annotations

from datetime import datetime, timedelta

from capture.choices import SubmissionState
from capture.models import Submission
from nurturing.actions.notices import forget_notices

KEPT_ASIDE = timedelta(days=30)


def forget_submissions(*, now: datetime) -> int:
    """Delete what nobody confirmed in time (seven days), and spam and refused posts of 30 days ago; how many.

    Accepted submissions stay: they are a lead's history, and go with it. Mails about submissions go after 30
    days too.
    """
    forget_notices(now=now)
    unconfirmed = Submission.objects.filter(state=SubmissionState.AWAITING, confirm_until__lt=now)
    aside = [SubmissionState.SPAM, SubmissionState.REJECTED, SubmissionState.EXPIRED]
    old = Submission.objects.filter(state__in=aside, received_at__lt=now - KEPT_ASIDE)
    return unconfirmed.delete()[0] + old.delete()[0]
