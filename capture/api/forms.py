"""Forms for sites that draw them themselves: what a form asks, and sending it, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, ClassVar

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from capture.actions.intake import keep_post, keep_refused
from capture.actions.mails import download_token
from capture.choices import FormState, SubmissionState
from capture.live import LiveForm, find_form
from capture.models import Submission
from capture.posts import Post, make_post, needs_confirmation
from capture.proof import make_challenge
from capture.questions import Question, chosen_for
from capture.request_facts import (
    HONEYPOT,
    PAGE,
    PROOF,
    REFERRER,
    TOKEN,
    VISITOR,
    RequestFacts,
    Way,
    facts_of,
    visitor_of,
)
from capture.tokens import make_form_token, read_form_token
from capture.visits import known_lead
from leads.api.addresses import client_address
from leads.api.fields import Line, StrictSerializer, UuidField, WebAddress
from leads.api.idempotency import Answer
from leads.api.lead_shapes import UtmIn
from leads.api.limits import limit, seconds_to_wait
from leads.api.parsers import BeaconParser, StrictJSONParser
from leads.api.problem_handler import field_errors
from leads.api.problems import FieldError, Problem
from leads.api.schema import IDEMPOTENCY_KEY, problems
from leads.api.throttles import too_many
from leads.api.views import ApiView


class FormThrottle(BaseThrottle):
    """Forms are anybody's: counted by address, and a sending by its form as well (bar: inputs B66)."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """True, or a Problem with Retry-After."""
        address = client_address(request._request)
        wait = seconds_to_wait(limit("form_posts" if request.method == "POST" else "form_reads"), address)
        if not wait and request.method == "POST":
            wait = seconds_to_wait(limit("form_total"), str(view.kwargs.get("slug", "")))
        if wait:
            raise too_many(wait)
        return True


class OptionOut(serializers.Serializer[Any]):
    """One thing to choose."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class QuestionOut(serializers.Serializer[Any]):
    """One question; ``name`` is what its answer is sent under."""

    name = serializers.CharField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help = serializers.CharField()
    required = serializers.BooleanField()  # type: ignore[assignment]
    options = OptionOut(many=True)


class ConsentBoxOut(serializers.Serializer[Any]):
    """One consent box: show it unticked, with exactly these words."""

    name = serializers.CharField()
    text = serializers.CharField()
    purpose = serializers.CharField()
    channel = serializers.CharField()


class FormOut(serializers.Serializer[Any]):
    """A form for one person: the token is good for one sending, within a day."""

    slug = serializers.CharField()
    version = serializers.IntegerField()
    language = serializers.CharField()
    title = serializers.CharField()
    intro = serializers.CharField()
    button = serializers.CharField()
    controller = serializers.CharField()
    privacy_url = serializers.CharField()
    questions = QuestionOut(many=True)
    consents = ConsentBoxOut(many=True)
    token = serializers.CharField()
    honeypot = serializers.CharField(help_text="Name of a field to hide from people and send empty.")
    proof_of_work = serializers.DictField(allow_null=True, help_text="An ALTCHA challenge, where asked.")


class SubmissionIn(StrictSerializer):
    """A form as it was filled in."""

    token = serializers.CharField(required=False, allow_blank=True, max_length=2000)
    answers = serializers.DictField(help_text="By the names of the questions.")
    consents = serializers.ListField(
        child=Line(max_length=64), required=False, max_length=20, help_text="Names of the ticked boxes."
    )
    page = WebAddress(max_length=500)
    referrer = WebAddress(max_length=500)
    utm = UtmIn(required=False)
    visitor = UuidField(required=False)
    proof = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    website = serializers.CharField(required=False, allow_blank=True, help_text="Honeypot: send it empty.")


class SubmissionTaken(serializers.Serializer[Any]):
    """The same whether the person is known or not, and whether a machine sent it."""

    status = serializers.ChoiceField(choices=["accepted"])
    confirm_by_email = serializers.BooleanField(help_text="The address must be confirmed by a message.")
    download = serializers.CharField(allow_null=True, help_text="Where the content is that was asked for.")


class PublicFormView(ApiView):
    """What both views share: nobody signs in; pages of other sites than the form's are refused."""

    access: ClassVar = {}
    authentication_classes = []
    permission_classes = [AllowAny]
    throttle_classes = [FormThrottle]

    def find(self, request: Request, slug: str) -> LiveForm:
        """The live form. Raises Problem 404, 410 for a closed one, 403 for a page that it does not name."""
        live = find_form(slug)
        if live is None or live.form.state == FormState.DRAFT:
            raise Problem(404, "not_found", _("There is no such form."))
        if live.form.state == FormState.CLOSED:
            raise Problem(410, "form_closed", _("This form no longer takes answers."))
        origin = request.headers.get("Origin")
        if origin is not None and origin not in live.form.origins:
            raise Problem(403, "origin_not_allowed", _("Name this site in the form to use it there."))
        return live


class FormView(PublicFormView):
    """What a form asks."""

    @extend_schema(
        operation_id="forms_retrieve",
        auth=[],
        parameters=[
            OpenApiParameter("visitor", str, description="The browser, as the site's tracker names it.")
        ],
        responses={200: FormOut} | problems(403, 404, 410, 429),
    )
    def get(self, request: Request, slug: str) -> Response:
        """The questions to ask of this person, the consent boxes, and the token to send with the answers.

        Of a browser whose owner lets us remember them, only what is still missing is asked.
        """
        live, now = self.find(request, slug), timezone.now()
        lead = known_lead(person=None, visitor=visitor_of(request.query_params.get("visitor")))
        asked = [each for each in chosen_for(live.form, live.questions, lead) if not each.is_hidden]
        token = make_form_token(live.form.pk, now=now, asked=frozenset(each.id for each in asked))
        showing = read_form_token(token, live.form.pk)
        uses_proof = live.form.uses_proof_of_work and showing is not None
        challenge = make_challenge(showing.nonce, now=now) if uses_proof and showing else None
        return Response(FormOut(_definition(live, asked) | {"token": token, "proof_of_work": challenge}).data)


def _definition(live: LiveForm, asked: list[Question]) -> dict[str, object]:
    form = live.form
    return {
        "slug": form.slug,
        "version": form.version,
        "language": form.language,
        "title": form.title,
        "intro": form.intro,
        "button": form.button,
        "controller": live.controller,
        "privacy_url": form.privacy_url,
        "questions": [_question(question) for question in asked],
        "consents": [
            {"name": box.text_version, "text": box.words, "purpose": box.purpose, "channel": box.channel}
            for box in live.boxes
        ],
        "honeypot": HONEYPOT,
    }


def _question(question: Question) -> dict[str, object]:
    return {
        "name": question.code,
        "type": question.type.value,
        "label": question.label,
        "help": question.help,
        "required": question.is_required,
        "options": [{"value": option.code, "label": option.label} for option in question.choices],
    }


class FormSubmissionsView(PublicFormView):
    """Sending a form."""

    parser_classes = [StrictJSONParser, BeaconParser]

    @extend_schema(
        operation_id="forms_submit",
        auth=[],
        parameters=[IDEMPOTENCY_KEY],
        request=SubmissionIn,
        responses={202: OpenApiResponse(SubmissionTaken)} | problems(400, 403, 404, 410, 413, 415, 422, 429),
    )
    def post(self, request: Request, slug: str) -> HttpResponse:
        """Send a form. Refused answers are named field by field, and kept 30 days for a person to look at.

        The same token with the same answers is the same submission, however often it comes.
        """
        live = self.find(request, slug)
        self._who = f"form:{live.form.pk}:{_short(client_address(request._request))}"
        post, errors = self._read(request, live)
        if errors:
            keep_refused(post, errors)
            raise _invalid(errors)
        try:
            return self.answer(lambda: _taken(post))
        except Problem as problem:
            if problem.status_code == 400:  # its transaction is gone, and what it kept with it
                keep_refused(post, [dict(one) for one in problem.errors])
            raise

    def caller_name(self) -> str:
        """Idempotency-Keys belong to a form and an address: nobody reads another's answer."""
        return self._who

    def _read(self, request: Request, live: LiveForm) -> tuple[Post, list[dict[str, str]]]:
        """The post, and what is wrong with its shape."""
        body: Mapping[str, Any] = request.data if isinstance(request.data, dict) else {}
        shape, errors = SubmissionIn(data=body), []
        try:
            shape.is_valid(raise_exception=True)
        except ValidationError as error:
            errors = [dict(one) for one in field_errors(error)]
        answers = body.get("answers")
        raw = answers if isinstance(answers, dict) else {}
        consents = body.get("consents")
        ticked = [str(name) for name in consents] if isinstance(consents, list) else []
        post = make_post(live, raw, ticked, _facts(request, body), now=timezone.now())
        return post, errors + _contradictions(post, ticked)


def _facts(request: Request, body: Mapping[str, Any]) -> RequestFacts:
    """The facts in the names that plain forms post them under."""
    utm = body.get("utm")
    named = {
        TOKEN: body.get("token"),
        PROOF: body.get("proof"),
        PAGE: body.get("page"),
        REFERRER: body.get("referrer"),
        VISITOR: body.get("visitor"),
        HONEYPOT: body.get(HONEYPOT),
    } | {f"utm_{name}": value for name, value in (utm.items() if isinstance(utm, dict) else ())}
    return facts_of(request._request, named, way=Way.API)


def _contradictions(post: Post, ticked: list[str]) -> list[dict[str, str]]:
    """What the form does not have; a token that is missing or too old (an invented one is a machine's)."""
    codes = {question.code for question in post.live.questions if not question.is_hidden}
    names = {str(box.id) for box in post.live.boxes} | {box.text_version for box in post.live.boxes}
    unknown = [f"answers.{name}" for name in post.raw if name not in codes]
    unknown += [f"consents.{name}" for name in ticked if name not in names]
    found = [FieldError(name, "unknown_field", _("There is no such field.")) for name in unknown]
    if not post.facts.token:
        found.append(FieldError("token", "token_missing", _("Read the form first: it comes with a token.")))
    elif post.token and post.token.is_expired(post.now):
        found.append(FieldError("token", "token_expired", _("Read the form again: its token is too old.")))
    return [dict(one) for one in found]


def _taken(post: Post) -> Answer:
    """Keep the post; the opaque answer. Raises Problem 400 for answers that cannot be read."""
    submission = keep_post(post)
    if submission.state == SubmissionState.REJECTED:
        raise _invalid([one | {"field": f"answers.{one['field']}"} for one in submission.errors])
    asks, content = _asks(post, submission), post.live.form.content
    download = None
    if content and not asks:
        token = download_token(submission.public_id, content, now=post.now)
        download = settings.SITE_URL + reverse("capture:download", args=[token])
    return Answer(202, {"status": "accepted", "confirm_by_email": asks, "download": download})


def _asks(post: Post, submission: Submission) -> bool:
    """Whether a message asks for the address; machines are told what people are told."""
    if submission.state == SubmissionState.SPAM:
        return needs_confirmation(post.live.form, post.read())
    return submission.state == SubmissionState.AWAITING


def _invalid(errors: list[dict[str, str]]) -> Problem:
    listed = [FieldError(one["field"], one["code"], one["detail"]) for one in errors]
    return Problem(400, "invalid", _("Some values cannot be taken; see errors."), errors=listed)


def _short(address: str) -> str:
    return blake2b(address.encode(), digest_size=12).hexdigest()
