"""Looking through what was set aside."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from capture.choices import SubmissionState
from capture.models import Submission


def confirm_spam(rows: QuerySet[Submission], *, now: datetime) -> int:
    """Note that somebody looked at these and leaves them set aside; how many that were."""
    waiting = rows.filter(state__in=[SubmissionState.SPAM, SubmissionState.REJECTED], reviewed_at=None)
    return Submission.objects.filter(pk__in=waiting.values("pk")).update(reviewed_at=now)
