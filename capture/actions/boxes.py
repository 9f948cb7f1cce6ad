"""The consent boxes of a form. A box is never ticked beforehand and never a condition for sending."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.models import User
from capture.actions.changes import locked, note_change
from capture.consents import newest_wordings
from capture.models import Form, FormConsent
from leads.models import ConsentWording


@transaction.atomic
def add_box(*, form: Form, wording: ConsentWording, by: User, now: datetime) -> FormConsent:
    """Add a box with this wording at the end; the same one again changes nothing. Raises CannotBePublic."""
    form = locked(form)
    box, created = FormConsent.objects.get_or_create(
        form=form, wording=wording, defaults={"position": form.consents.count()}
    )
    if created:
        note_change(form, by=by, now=now)
    return box


@transaction.atomic
def remove_box(*, box: FormConsent, by: User, now: datetime) -> None:
    """Take a box away; consents given by it stay in the ledger."""
    form = locked(box.form)
    form.consents.filter(pk=box.pk).delete()
    note_change(form, by=by, now=now)


@transaction.atomic
def renew_box(*, box: FormConsent, by: User, now: datetime) -> None:
    """Show the newest version of the box's wording from now on."""
    form = locked(box.form)
    newest = newest_wordings().get(code=box.wording.code, language=box.wording.language)
    form.consents.filter(pk=box.pk).update(wording=newest)
    note_change(form, by=by, now=now)


@transaction.atomic
def move_box(*, box: FormConsent, step: int, by: User, now: datetime) -> None:
    """Move a box ``step`` places down (or up, below zero)."""
    form = locked(box.form)
    boxes = list(form.consents.all())
    place = next(index for index, one in enumerate(boxes) if one.pk == box.pk)
    boxes.insert(max(0, min(len(boxes) - 1, place + step)), boxes.pop(place))
    for index, one in enumerate(boxes):
        one.position = index
    form.consents.bulk_update(boxes, ["position"])
    note_change(form, by=by, now=now)
