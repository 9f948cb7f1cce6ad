"""The form as strangers meet it: on its own page, in a frame of a site, posted to by plain HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

import rules
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from capture.actions.intake import keep_post
from capture.actions.mails import download_token
from capture.actions.views import count_views
from capture.choices import FormState, SubmissionState
from capture.drawing import Typed, draw
from capture.live import LiveForm, find_form
from capture.models import Submission
from capture.posts import Post, make_post, needs_confirmation
from capture.proof import make_challenge
from capture.questions import Question, chosen_for, known_values
from capture.request_facts import (
    CONSENT,
    HONEYPOT,
    PAGE,
    REFERRER,
    THEME,
    TOKEN,
    UTM,
    VISITOR,
    WHO,
    RequestFacts,
    Way,
    facts_of,
    utm_of,
    visitor_of,
    web_address,
)
from capture.tokens import THANKS_LIFE, Purpose, make_form_token, make_link, read_form_token, read_link
from capture.views.public_pages import (
    TOKEN_HEADERS,
    message_page,
    origin_of,
    policy,
    public_page,
    wrong_link,
)
from capture.visits import known_lead
from leads.api.addresses import client_address
from leads.api.limits import limit, seconds_to_wait
from leads.api.page_visit import signs_of
from leads.traffic import NO_SIGNS

MAX_BYTES = 64 * 1024
SELF, NONE = "'self'", "'none'"
# What may stand in a policy as it is: nothing that would begin another directive.
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?")


# A form belongs to nobody's session and acts for nobody who is signed in: there is nothing to forge.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def form_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on its own page; also where a site's plain HTML posts to."""
    return _answer(request, slug, bare="")


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def embedded_form(request: HttpRequest, slug: str) -> HttpResponse:
    """The form for the frame that embed.js puts into a page of one of its sites."""
    return _answer(request, slug, bare=_colours(request))


def _colours(request: HttpRequest) -> str:
    """The colours of the site around the frame, as embed.js tells them; light ones when nobody does."""
    told = request.POST.get(THEME) or request.GET.get("theme", "")
    return told if told in {"dark", "auto"} else "light"


def _answer(request: HttpRequest, slug: str, *, bare: str) -> HttpResponse:
    live = _found(request, slug)
    with override(live.form.language):
        if live.form.state == FormState.CLOSED:
            return _closed(live, bare=bare)
        if request.method != "POST" or live.form.state != FormState.LIVE:
            return _show(request, live, bare=bare)
        return _take(request, live, bare=bare)


def _found(request: HttpRequest, slug: str) -> LiveForm:
    """The form; a draft only for those who edit forms. Raises Http404."""
    live = find_form(slug)
    if live is None:
        raise Http404
    if live.form.state == FormState.DRAFT and not rules.has_perm("capture.edit_forms", request.user):
        raise Http404
    return live


def _closed(live: LiveForm, *, bare: str) -> HttpResponse:
    """A form that is no longer there says so (bar: inputs B71)."""
    page = message_page(
        _("This form is closed"),
        _("It no longer takes answers. Thank you for your interest."),
        language=live.form.language,
        status=410,
        bare=bare,
    )
    return _framed(page, live, bare=bare)


# Showing -------------------------------------------------------------------------------------------------


def _show(request: HttpRequest, live: LiveForm, *, bare: str) -> HttpResponse:
    if wait := seconds_to_wait(limit("form_reads"), client_address(request)):
        return _later(live, wait, bare=bare)
    query, now = request.GET, timezone.now()
    _count(request, live, bare=bare, now=now)
    who = read_link(Purpose.PERSON, query.get("who", ""), now=now)
    lead = known_lead(person=who.subject if who else None, visitor=visitor_of(query.get("visitor")))
    asked = chosen_for(live.form, live.questions, lead)
    # Known values are shown to who came from their own mailbox, never to who merely sits at the browser.
    values = known_values(lead, asked) if lead and who else {}
    hidden = _visit(request, query) | {WHO: query.get("who", "") if who else ""}
    return _page(live, asked, Typed(values), hidden, bare=bare, now=now)


def _count(request: HttpRequest, live: LiveForm, *, bare: str, now: datetime) -> None:
    """One more showing, if the public can see the form and it is, as far as one can tell, a person."""
    if live.form.state == FormState.LIVE and request.method == "GET" and signs_of(request) == NO_SIGNS:
        count_views(
            form_id=live.form.pk, day=timezone.localdate(now), **{"embedded" if bare else "hosted": 1}
        )


def _visit(request: HttpRequest, query: Mapping[str, str]) -> dict[str, str]:
    """Where the visit came from, carried through the form: of the site's page in a frame, else of our own."""
    own = request.build_absolute_uri(request.path)
    page = web_address(query.get("page")) or own
    referrer = web_address(query.get("referrer")) or web_address(request.headers.get("Referer"))
    visitor = visitor_of(query.get("visitor"))
    utm = {f"utm_{name}": value for name, value in utm_of(query).items()}
    return {
        PAGE: page,
        REFERRER: "" if origin_of(referrer) == origin_of(own) else referrer,
        VISITOR: str(visitor or ""),
    } | utm


def _page(
    live: LiveForm,
    asked: list[Question],
    typed: Typed,
    hidden: Mapping[str, str],
    *,
    bare: str,
    now: datetime,
    status: int = 200,
    token: str = "",
) -> HttpResponse:
    """The form, empty or as it came back."""
    form = live.form
    ids = frozenset(question.id for question in asked)
    drawn = draw(
        form,
        asked,
        typed,
        action=reverse("capture:embed" if bare else "capture:form", args=[form.slug]),
        token=token or make_form_token(form.pk, now=now, asked=ids),
        hidden=[*hidden.items(), (THEME, bare)],
        challenge=reverse("capture:challenge", args=[form.slug]) if form.uses_proof_of_work else "",
    )
    context = {"drawn": drawn, "preview_of_draft": form.state == FormState.DRAFT}
    page = public_page("form", context, language=form.language, status=status, bare=bare)
    return _framed(page, live, bare=bare)


def _framed(page: HttpResponse, live: LiveForm, *, bare: str) -> HttpResponse:
    """Who may frame the page (its sites, exactly; bar: inputs B53), and where sending may lead to."""
    target = [SELF, origin_of(live.form.redirect_url)] if live.form.redirect_url and not bare else [SELF]
    if bare:
        page.xframe_options_exempt = True  # the policy below says who may
    sites = [site for site in live.form.origins if _ORIGIN.fullmatch(site)] if bare else []
    return policy(page, form_action=target, frame_ancestors=sites or [NONE])


def _later(live: LiveForm, wait: int, *, bare: str) -> HttpResponse:
    page = message_page(
        _("One moment"),
        _("Too many requests came from your network. Try again in %(wait)s seconds.") % {"wait": wait},
        language=live.form.language,
        status=429,
        headers={"Retry-After": str(wait)},
        bare=bare,
    )
    return _framed(page, live, bare=bare)


# Taking --------------------------------------------------------------------------------------------------


def _take(request: HttpRequest, live: LiveForm, *, bare: str) -> HttpResponse:
    """A post: kept and thanked for, or shown again with everything that was typed."""
    # As the server measured it: the body may have been read as a form already.
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > MAX_BYTES:
        return _too_large(live, bare=bare)
    posted, now = request.POST, timezone.now()
    facts = facts_of(request, posted, way=_way(request))
    post = make_post(live, _raw(posted), posted.getlist(CONSENT), facts, now=now)
    if wait := _seconds_to_wait(live, facts):
        words = _("Too many requests came from your network. Try again in %(wait)s seconds.") % {"wait": wait}
        page = _again(post, posted, Typed(notice=words), bare=bare, status=429)
        page["Retry-After"] = str(wait)
        return page
    if post.token and post.token.is_expired(now):
        words = _("This page was open for a long time. Nothing is lost: please send it once more.")
        return _again(post, posted, Typed(notice=words), bare=bare, status=422)
    submission = keep_post(post)
    if submission.state == SubmissionState.REJECTED:
        return _again(post, posted, Typed(errors=submission.errors), bare=bare, status=422)
    return _thank(post, submission, bare=bare)


def _way(request: HttpRequest) -> Way:
    """Our own page, or one of a site: browsers say so of every post across origins.

    Some hide the origin ("null") even from ourselves; then the token proves that it was our page. The scheme
    is left out: behind a proxy it need not be known here.
    """
    origin = request.headers.get("Origin")
    if origin is None or (origin == "null" and request.POST.get(TOKEN)):
        return Way.OURS
    return Way.OURS if urlsplit(origin).netloc == request.get_host() else Way.FOREIGN


def _raw(posted: QueryDict) -> dict[str, object]:
    """The answers, and whatever else a site's page sends along; without our own names."""
    ours = {CONSENT, HONEYPOT} | {f"utm_{name}" for name in UTM}
    names = [name for name in posted if not name.startswith("_") and name not in ours]
    return {name: _one_or_many(posted.getlist(name)) for name in names}


def _one_or_many(values: list[str]) -> object:
    return values[0] if len(values) == 1 else values


def _seconds_to_wait(live: LiveForm, facts: RequestFacts) -> int:
    """Count a post by its sender and by its form; seconds until the next may come, 0 for now (B66)."""
    return seconds_to_wait(limit("form_posts"), facts.address) or seconds_to_wait(
        limit("form_total"), str(live.form.pk)
    )


def _too_large(live: LiveForm, *, bare: str) -> HttpResponse:
    page = message_page(
        _("That is too long"),
        _("Go back and shorten what you wrote: at most 64 KB can be sent at once."),
        language=live.form.language,
        status=413,
        bare=bare,
    )
    return _framed(page, live, bare=bare)


def _again(post: Post, posted: QueryDict, why: Typed, *, bare: str, status: int) -> HttpResponse:
    """The form with everything that was typed. The showing stays the same unless it has expired."""
    live = post.live
    asked = live.asked(post.token.asked if post.token else frozenset())
    typed = Typed(post.raw, [box.id for box in post.ticked], why.errors, why.notice)
    carried = {name: posted.get(name, "") for name in (REFERRER, VISITOR, WHO)}
    hidden = (
        {PAGE: post.facts.page} | carried | {f"utm_{name}": text for name, text in post.facts.utm.items()}
    )
    good = post.token is not None and not post.token.is_expired(post.now)
    token = posted.get(TOKEN, "") if good else ""
    return _page(live, asked, typed, hidden, bare=bare, now=post.now, status=status, token=token)


def _thank(post: Post, submission: Submission, *, bare: str) -> HttpResponse:
    """The same for everybody, machines too: to the page of thanks, or to the address that the form names."""
    form = post.live.form
    asks = submission.state == SubmissionState.AWAITING
    if submission.state == SubmissionState.SPAM:
        asks = needs_confirmation(form, post.read())
    if form.redirect_url and not bare and not asks and not form.content_id:
        return HttpResponseRedirect(form.redirect_url, status=303)
    detail = "c" if asks else "t"
    token = make_link(Purpose.THANKS, submission.public_id, until=post.now + THANKS_LIFE, detail=detail)
    route = "capture:embedded_thanks" if bare else "capture:thanks"
    colours = f"?theme={bare}" if bare else ""
    return HttpResponseRedirect(f"{reverse(route, args=[form.slug, token])}{colours}", status=303)


@require_safe
def thanks(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """After sending: thanks, what was asked for, where to go on."""
    return _thanks(request, slug, token, bare="")


@require_safe
def embedded_thanks(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """The same within the frame of a site."""
    return _thanks(request, slug, token, bare=_colours(request))


def _thanks(request: HttpRequest, slug: str, token: str, *, bare: str) -> HttpResponse:
    live, now = find_form(slug), timezone.now()
    link = read_link(Purpose.THANKS, token, now=now)
    if live is None or link is None:
        return wrong_link(request)
    form, asks = live.form, link.detail == "c"
    download = ""
    if form.content and not asks:
        download = reverse("capture:download", args=[download_token(link.subject, form.content, now=now)])
    context = {
        "form": form,
        "asks_to_confirm": asks,
        "content": form.content,
        "download": download,
        "go": form.redirect_url if not asks else "",
    }
    page = public_page("thanks", context, language=form.language, headers=TOKEN_HEADERS, bare=bare)
    return _framed(page, live, bare=bare)


@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    """A proof of work to do for the showing whose token is in the query."""
    live, now = find_form(slug), timezone.now()
    token = read_form_token(request.GET.get("token", ""), live.form.pk) if live else None
    if token is None or seconds_to_wait(limit("form_reads"), client_address(request)):
        raise Http404
    return JsonResponse(make_challenge(token.nonce, now=now))
