"""Forms as a whole: begun, set up, published, closed, copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from capture.actions.changes import ChangedMeanwhile, check_publishable, keep_version, locked, note_change
from capture.choices import FormState
from capture.consents import newest_wordings
from capture.marks import state_mark
from capture.models import Form, FormConsent, FormField
from capture.queries.contents import known_words
from capture.starters import Starter
from capture.targets import targets_of
from nurturing.models import MailSettings

# Copied with a form; the rest belongs to the one it was (address, state, versions, who made it).
_COPIED = """
    language title intro button thanks redirect_url privacy_url controller kind content channel acquisition
    campaign joins track_code double_opt_in origins asked_at_once uses_proof_of_work
    """.split()  # noqa: SIM905  # a list of words reads best as words


# Pages of the builder that stand where a form's address stands.
RESERVED = frozenset({"new"})
INTERESTS = "lead.interests"


@transaction.atomic
def begin_form(*, starter: Starter, language: str, by: User, now: datetime, name: str = "") -> Form:
    """A draft from a starter, worded in ``language``, with the notice of the form published last."""
    with override(language):
        name = name or str(starter.name)
        form = Form.objects.create(
            slug=free_slug(name),
            name=name[:120],
            language=language,
            title=str(starter.title),
            intro=str(starter.intro),
            button=str(starter.button),
            thanks=str(starter.thanks),
            kind=starter.kind,
            channel=starter.channel,
            acquisition=starter.acquisition,
            created_by=by,
            created_at=now,
            updated_by=by,
            updated_at=now,
            **_notice(),
        )
        form.notify.add(by)
        FormField.objects.bulk_create(_questions(form, starter))
    wordings = newest_wordings().filter(code__in=starter.boxes, language=language)
    by_code = {wording.code: wording for wording in wordings}
    FormConsent.objects.bulk_create(
        FormConsent(form=form, wording=by_code[code], position=place)
        for place, code in enumerate(starter.boxes)
        if code in by_code
    )
    return form


def _notice() -> dict[str, object]:
    """Who is responsible and where the privacy page is, as the newest form says."""
    latest = Form.objects.exclude(privacy_url="").order_by("-created_at").first()
    if latest:
        return {
            "controller": latest.controller,
            "privacy_url": latest.privacy_url,
            "origins": latest.origins,
        }
    return {"controller": MailSettings.load().organisation}


def _questions(form: Form, starter: Starter) -> list[FormField]:
    """The starter's questions; interests are chosen among the topics of the library, if it has any."""
    targets = targets_of([asked.target for asked in starter.questions], form.language)
    topics, _personas = known_words()
    return [
        FormField(
            form=form,
            position=place,
            target=asked.target,
            type=asked.type or targets[asked.target].type,
            label=str(asked.label or targets[asked.target].label),
            options=topics if asked.target == INTERESTS else [str(option) for option in asked.options],
            is_required=asked.is_required,
            priority=asked.priority,
        )
        for place, asked in enumerate(starter.questions)
        if asked.target != INTERESTS or topics
    ]


def free_slug(name: str) -> str:
    """An address made of the name that no form has yet."""
    base = slugify(name)[:50].strip("-") or "form"
    taken = {*RESERVED, *Form.objects.filter(slug__startswith=base).values_list("slug", flat=True)}
    number, slug = 1, base
    while slug in taken:
        number += 1
        slug = f"{base}-{number}"
    return slug


@transaction.atomic
def change_settings(*, form: Form, values: Mapping[str, object], seen: str, by: User, now: datetime) -> Form:
    """Change what ``values`` name, if those settings are still as they were when ``seen`` (their mark).

    ``notify`` is a list of users. Raises ChangedMeanwhile and CannotBePublic.
    """
    form = locked(form)
    if settings_mark(form, list(values)) != seen:
        raise ChangedMeanwhile
    columns = [name for name in values if name != "notify"]
    for name in columns:
        setattr(form, name, values[name])
    if columns:
        form.save(update_fields=columns)
    if "notify" in values:
        form.notify.set(values["notify"])  # type: ignore[arg-type]  # a list of users, as said
    note_change(form, by=by, now=now)
    return form


def settings_mark(form: Form, names: Sequence[str]) -> str:
    """A short mark of the present state of these settings."""
    return state_mark([_plain(form, name) for name in names])


def _plain(form: Form, name: str) -> object:
    if name == "notify":
        return sorted(form.notify.values_list("pk", flat=True))
    return form.serializable_value(name)


@transaction.atomic
def publish(*, form: Form, by: User, now: datetime) -> Form:
    """Let the public see it; opened again after it was closed, it is a new version. Raises CannotBePublic."""
    form = locked(form)
    if form.state == FormState.LIVE:
        return form
    check_publishable(form)
    form.version += form.published_at is not None
    form.state, form.updated_by, form.updated_at = FormState.LIVE, by, now
    form.published_at = form.published_at or now
    form.save(update_fields=["version", "state", "updated_by", "updated_at", "published_at"])
    keep_version(form, by=by, now=now)
    return form


@transaction.atomic
def close(*, form: Form, by: User, now: datetime) -> Form:
    """Take it from the public: its address answers that it is closed; what was sent stays."""
    form = locked(form)
    if form.state == FormState.LIVE:
        form.state, form.updated_by, form.updated_at = FormState.CLOSED, by, now
        form.save(update_fields=["state", "updated_by", "updated_at"])
    return form


@transaction.atomic
def duplicate(*, form: Form, by: User, now: datetime) -> Form:
    """A draft with the same questions, boxes and settings, under another address."""
    name = _("%(name)s (copy)") % {"name": form.name[:110]}
    copied = Form.objects.create(
        slug=free_slug(name),
        name=name,
        created_by=by,
        created_at=now,
        updated_by=by,
        updated_at=now,
        **{field: getattr(form, field) for field in _COPIED},
    )
    copied.notify.set(form.notify.all())
    for question in form.fields.all():
        question.pk, question.form = None, copied
        question.save(force_insert=True)
    for box in form.consents.all():
        box.pk, box.form = None, copied
        box.save(force_insert=True)
    return copied


@transaction.atomic
def discard(*, form: Form) -> bool:
    """Throw a draft away that the public never saw; False for any other form, which stays."""
    form = locked(form)
    if form.published_at or form.submissions.exists():
        return False
    form.delete()
    return True
