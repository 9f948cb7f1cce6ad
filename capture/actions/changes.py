"""What every change of a form does besides: it is locked, noted, and, once public, kept as proof."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from capture.choices import FormState
from capture.consents import controller_of, words_with
from capture.lint import Finding, blocking
from capture.models import Form, FormVersion
from capture.queries.lint_facts import lint_facts


class CannotBePublic(Exception):
    """The public cannot see the form like this; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(", ".join(finding.code for finding in findings))
        self.findings = findings


class ChangedMeanwhile(Exception):
    """Somebody else changed the same thing; nothing was written over."""


def locked(form: Form) -> Form:
    """The form's row as it is now, held until the transaction ends."""
    return Form.objects.select_for_update(of=("self",)).get(pk=form.pk)


def note_change(form: Form, *, by: User, now: datetime) -> None:
    """Note who changed the locked form; a public one gets a new version, kept with its exact words.

    Raises CannotBePublic when a public form would no longer pass the lint: the caller's transaction then
    takes the change back.
    """
    form.updated_by, form.updated_at = by, now
    if form.state == FormState.LIVE:
        check_publishable(form)
        form.version += 1
        keep_version(form, by=by, now=now)
    form.save(update_fields=["updated_by", "updated_at", "version"])


def check_publishable(form: Form) -> None:
    """Raises CannotBePublic with what keeps the form from the public."""
    if wrong := blocking(lint_facts(form)):
        raise CannotBePublic(wrong)


def keep_version(form: Form, *, by: User | None, now: datetime) -> FormVersion:
    """Keep what the public sees from now on as the form's present version."""
    return FormVersion.objects.create(
        form=form, version=form.version, definition=definition_of(form), at=now, by=by
    )


def definition_of(form: Form) -> dict[str, object]:
    """The form as JSON: its texts, its questions, and each consent box with the words that were shown."""
    texts = ("title", "intro", "button", "thanks", "privacy_url", "double_opt_in", "language", "kind")
    asked = ("target", "type", "label", "help", "options", "is_required", "priority")
    controller = controller_of(form)
    return {
        **{name: getattr(form, name) for name in texts},
        "controller": controller,
        "content": form.content.code if form.content else "",
        "questions": [{name: getattr(question, name) for name in asked} for question in form.fields.all()],
        "consents": [
            {
                "text_version": box.wording.text_version,
                "purpose": box.wording.purpose,
                "channel": box.wording.channel,
                "text": words_with(box.wording, controller),
            }
            for box in form.consents.select_related("wording")
        ],
    }
