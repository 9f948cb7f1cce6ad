"""What all verbs of the funnel share over HTTP: who decides, once, refused with the funnel's codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.serializers import Serializer

from accounts.models import User
from accounts.scopes import Scope
from funnel.actions.passages import last_passage
from funnel.api.shapes import DecisionIn, StandingOut
from funnel.models import Standing
from funnel.refusals import Incomplete, NotYours, Refused
from leads.api.idempotency import Answer
from leads.api.keys import KeyCaller
from leads.api.permissions import Access, access
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.views import ApiView
from leads.models import Lead

SALES = ("funnel.decide_offers", "funnel.manage_sales")


class VerbView(ApiView):
    """One decision about one lead. Subclasses name its shape and carry it out."""

    shape: ClassVar[type[DecisionIn]]
    access: ClassVar[Mapping[str, Access]] = {"POST": access(Scope.FUNNEL_WRITE, permissions=SALES)}

    def carry_out(self, lead: Lead, by: User, now: datetime, values: dict[str, Any]) -> object:
        """Call the funnel's action. Raises Refused."""
        raise NotImplementedError

    def post(self, request: Request, public_id: Any) -> HttpResponse:
        """Check, decide once, answer with where the lead stands now."""
        shape = self.shape(data=request.data)
        shape.is_valid(raise_exception=True)
        values = dict(shape.validated_data)
        by = self._decider(values.pop("by", ""))
        lead = self.lead_of(public_id)
        now = timezone.now()

        def effect() -> Answer:
            return self.answered(lead, refusals_as_problems(lambda: self.carry_out(lead, by, now, values)))

        return self.answer(effect)

    def lead_of(self, public_id: Any) -> Lead:
        """The lead that is meant. Raises NotFound."""
        return self.find_lead(public_id)

    def answered(self, lead: Lead, result: object) -> Answer:
        """What is said afterwards: where the lead stands now."""
        return Answer(200, standing_body(lead))

    def _decider(self, email: str) -> User:
        """Who decides: the person signed in, or whom the key names."""
        if not isinstance(self.request.auth, KeyCaller):
            user = self.request.user
            assert isinstance(user, User)
            return user
        found = User.objects.filter(email=email.lower(), is_active=True).first() if email else None
        if found is None:
            detail = _("Name the user who decides by their email.")
            raise Problem(400, "invalid", detail, errors=[FieldError("by", "user_unknown", detail)])
        return found


def refusals_as_problems(decide: Callable[[], object]) -> object:
    """Run a decision; what the funnel refuses becomes 404, 400 or 409 with its stable code."""
    try:
        return decide()
    except NotYours as error:
        raise NotFound from error
    except Incomplete as error:
        errors = [FieldError(error.field, error.code, error.message)]
        raise Problem(400, "invalid", error.message, errors=errors) from error
    except Refused as error:
        gaps = error.values.get("codes", [])
        items = gaps if isinstance(gaps, list) else []
        errors = [FieldError(f"checklist.{code}", "not_confirmed", error.message) for code in items]
        raise Problem(409, error.code, error.message, errors=errors) from error


def standing_body(lead: Lead) -> dict[str, Any]:
    """Where the lead stands, as plain JSON values."""
    standing = Standing.objects.select_related("rep__user").get(lead=lead)
    newest = last_passage(lead.pk)
    return {
        "lead": str(lead.public_id),
        "stage": standing.stage,
        "situation": standing.situation,
        "label": standing.label,
        "cycle": standing.cycle,
        "since": standing.since.isoformat(),
        "wake_on": standing.wake_on.isoformat() if standing.wake_on else None,
        "rep": standing.rep.user.email if standing.rep else None,
        "decision": newest.pk if newest else None,
    }


def documented(
    shape: type[DecisionIn], name: str, answer: type[Serializer[Any]] = StandingOut, status: int = 200
) -> Callable[[type[VerbView]], type[VerbView]]:
    """The OpenAPI description that all verbs share."""
    operation = extend_schema(
        operation_id=f"leads_{name}",
        request=shape,
        parameters=[IDEMPOTENCY_KEY],
        responses={status: answer} | problems(400, 401, 403, 404, 409, 413, 415, 422, 429),
    )
    return extend_schema_view(post=operation)
