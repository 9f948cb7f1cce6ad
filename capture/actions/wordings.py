"""Consent wordings: a change is a new version; none is ever edited or deleted."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from leads.choices import ContactChannel, Purpose
from leads.models import ConsentWording


class OtherMeaning(ValueError):
    """The code stands for another purpose or channel in one of its versions: it needs a code of its own."""


@transaction.atomic
def add_version(
    *, code: str, language: str, purpose: Purpose, channel: ContactChannel, text: str, now: datetime
) -> ConsentWording:
    """The next version of the wording; the same words as the newest one add nothing. Raises OtherMeaning."""
    # Two people at once: one waits for the other here, and gets the number after theirs.
    versions = ConsentWording.objects.select_for_update().filter(code=code)
    if any((one.purpose, one.channel) != (purpose, channel) for one in versions):
        raise OtherMeaning(code)
    newest = versions.filter(language=language).order_by("-version").first()
    if newest and newest.text == text:
        return newest
    return _created(code=code, language=language, purpose=purpose, channel=channel, text=text, created_at=now)


def _created(*, code: str, language: str, **values: object) -> ConsentWording:
    """The row under the next free number: again, when somebody took it a moment before."""
    for _attempt in range(3):
        last = ConsentWording.objects.filter(code=code, language=language).aggregate(last=Max("version"))[
            "last"
        ]
        try:
            with transaction.atomic():
                return ConsentWording.objects.create(
                    code=code, language=language, version=(last or 0) + 1, **values
                )
        except IntegrityError:
            continue
    raise IntegrityError("no free version of the wording")
