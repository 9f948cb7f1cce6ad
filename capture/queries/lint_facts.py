"""What the lint must know of a form, read once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from capture import lint
from capture.choices import AnswerType
from capture.consents import controller_of, newest_wordings, words_with
from capture.models import Form, FormConsent, FormField
from capture.targets import Target, targets_of
from leads.models import ConsentWording


def lint_facts(form: Form) -> lint.Form:
    """The facts of a form as it is in the database now, in at most five queries."""
    questions = list(form.fields.all())
    targets = targets_of([question.target for question in questions], form.language)
    boxes = list(form.consents.select_related("wording"))
    newest = list(newest_wordings()) if boxes else []
    return facts_from(form, questions, targets, boxes, newest)


def facts_from(
    form: Form,
    questions: Sequence[FormField],
    targets: Mapping[str, Target],
    boxes: Sequence[FormConsent],
    newest: Sequence[ConsentWording],
) -> lint.Form:
    """The same from rows that were read already."""
    latest = {(wording.code, wording.language): wording.version for wording in newest}
    controller = controller_of(form)
    return lint.Form(
        language=form.language,
        questions=tuple(_question(question, targets.get(question.target)) for question in questions),
        boxes=tuple(_box(box, controller, latest) for box in boxes),
        privacy_url=form.privacy_url,
        controller=controller,
        redirect_url=form.redirect_url,
        origins=tuple(form.origins),
        double_opt_in=form.double_opt_in,
        content_is_usable=_is_usable(form),
        channel=form.channel,
    )


def _question(question: FormField, target: Target | None) -> lint.Question:
    own = bool(target and not target.options)
    is_country = question.type == AnswerType.COUNTRY
    count = len(question.options) if own and not is_country else len(target.options) if target else 1
    return lint.Question(
        id=question.pk,
        target=question.target,
        type=question.type,
        label=question.label,
        is_required=question.is_required,
        priority=question.priority,
        value=question.value,
        option_count=count,
        is_known=target is not None,
    )


def _box(box: FormConsent, controller: str, latest: Mapping[tuple[str, str], int]) -> lint.Box:
    wording = box.wording
    return lint.Box(
        id=box.pk,
        purpose=wording.purpose,
        channel=wording.channel,
        language=wording.language,
        text=words_with(wording, controller),
        is_newest=latest.get((wording.code, wording.language), 0) <= wording.version,
    )


def _is_usable(form: Form) -> bool:
    """Whether the gated content, if there is any, can be handed out."""
    content = form.content
    return content is None or (content.is_active and bool(content.file or content.url))
