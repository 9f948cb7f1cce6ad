"""What the endpoints of rule sets do: find, begin and replace drafts, and keep two people from overwriting
each other (ETag and If-Match)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from accounts.models import User
from leads.api.fields import StrictSerializer
from leads.api.problems import FieldError, Problem
from scoring.actions.drafts import change_draft, locked, open_draft
from scoring.actions.publishing import NotADraft, make_draft
from scoring.drafts import Document
from scoring.engine.reading import RuleError
from scoring.models import RuleSet
from scoring.queries import live_rule_set
from scoring.rule_words import say


def found(pk: int) -> RuleSet:
    """The version with this number. Raises NotFound."""
    rule_set = RuleSet.objects.filter(pk=pk).first()
    if rule_set is None:
        raise NotFound
    return rule_set


def person(request: Request) -> User | None:
    """Who does it; None for a key."""
    return request.user if isinstance(request.user, User) else None


def checked_as(shape: type[StrictSerializer], data: Any) -> dict[str, Any]:
    """What was sent, in its shape. Raises ValidationError."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def plain(data: Any) -> dict[str, Any]:
    """As JSON writes it: answers are kept for their Idempotency-Key."""
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in data.items()}


def begun(given: Mapping[str, Any], *, by: User | None) -> RuleSet:
    """A draft like a version, or with a document. Raises Problem."""
    now = timezone.now()
    try:
        if "document" in given:
            return make_draft(document=given["document"], by=by, now=now, based_on=live_rule_set())
        like = found(given["like"]) if "like" in given else None
        return open_draft(by=by, now=now, like=like)
    except RuleError as error:
        raise refused(error) from error
    except RuleSet.DoesNotExist as error:
        raise Problem(409, "no_live_rules", _("Publish a rule set first: nothing is scored yet.")) from error


@transaction.atomic
def replaced(draft: RuleSet, document: Document, *, match: str, by: User | None) -> RuleSet:
    """The draft with another document, if it still is what was read. Raises Problem."""
    try:
        present = locked(draft)
        revision = revision_of(present, match)
        return change_draft(
            draft=present,
            revision=revision,
            change=lambda _present: document,
            summary=str(_("Replaced through the API")),
            by=by,
            now=timezone.now(),
        )
    except NotADraft as error:
        raise no_draft() from error
    except RuleError as error:
        raise refused(error) from error


def etag(rule_set: RuleSet) -> dict[str, str]:
    """The header that says which state of a version was read."""
    return {"ETag": tag(rule_set.pk, rule_set.revision)}


def tag(pk: int, revision: int) -> str:
    """That state in one word."""
    return f'"{pk}-{revision}"'


def match_of(request: Request) -> str:
    """The state that the sender read. Raises Problem 428 when it is not said."""
    sent = request.headers.get("If-Match", "")
    if not sent:
        detail = _("Send If-Match with the ETag that you read: nobody's change is overwritten then.")
        raise Problem(428, "if_match_required", detail)
    return sent


def revision_of(present: RuleSet, match: str) -> int:
    """The draft's revision, if it is the one that was read. Raises Problem 412."""
    if match.strip().removeprefix("W/") != etag(present)["ETag"]:
        raise changed_meanwhile(present)
    return present.revision


def changed_meanwhile(present: RuleSet) -> Problem:
    """Somebody else was quicker; the present state comes along."""
    detail = _("Somebody changed this meanwhile: read it again, and decide what to do with both.")
    return Problem(412, "changed_meanwhile", detail, headers=etag(present))


def no_draft() -> Problem:
    """What was published stays as it is."""
    return Problem(409, "not_a_draft", _("Only a draft can be changed or published."))


def refused(error: RuleError) -> Problem:
    """What the engine does not take, with its path."""
    detail = say(error)
    return Problem(400, "rules_refused", detail, errors=[FieldError(error.path, "rules_refused", detail)])
