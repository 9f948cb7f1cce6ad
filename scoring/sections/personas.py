"""The personas of a version: described, told apart by weighted traits, counted in fit, found among leads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.pages import PageRequest, page
from scoring.editor.forms import FactForm
from scoring.editor.site import Site
from scoring.editor.words import condition_words, name_of
from scoring.models import RuleSet
from scoring.queries import parsed
from scoring.resembling import sample_of
from scoring.sections.persona_edits import (
    counted,
    described,
    uses,
    with_trait,
    without_persona,
    without_trait,
)
from scoring.sections.saving import Refused, save
from scoring.sections.trait_form import PersonaForm, TraitForm
from scoring.views.frame import edits_draft, find_version, frame, shown

NEW = "new"


@require_GET
@page("scoring.view_rules")
def personas(request: PageRequest, draft_id: int) -> HttpResponse:
    """The personas; ``?persona=`` the one that is looked at (``new``: one to describe).

    ``trait=`` opens one of its traits by place (``new``: one more); ``edit=1`` opens its description.
    """
    return _page(request, find_version(draft_id))


@require_POST
@edits_draft
def save_persona(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Keep a description (``persona``: its code, nothing for a new one)."""
    code = request.POST.get("persona", "")
    form = PersonaForm(request.POST)
    if not form.is_valid():
        return _page(request, draft, chosen=code or NEW, form=form, status=422)
    summary = _("Persona: %(name)s") % {"name": name_of(form.name)}
    before = {one["code"] for one in draft.document.get("personas", ())}
    refused = save(request, draft, lambda it: described(it, code, form.name, form.story), summary)
    if refused:
        return _page(
            request, refused.draft, chosen=code or NEW, form=form, refused=refused, status=refused.status
        )
    after = find_version(draft.pk).document["personas"]
    return _to(draft, code or next((one["code"] for one in after if one["code"] not in before), ""))


@require_POST
@edits_draft
def save_trait(request: PageRequest, draft: RuleSet) -> HttpResponse:
    """Keep a trait of a persona (``trait``: its place, or new)."""
    code, place = request.POST.get("persona", ""), _place(request.POST.get("trait"))
    form = TraitForm(request.POST, site=Site(draft.document, "fit"))
    if not form.is_valid():
        return _page(request, draft, chosen=code, trait=form, status=422)
    summary = _("Persona %(code)s: a trait") % {"code": code}
    refused = save(request, draft, lambda it: with_trait(it, code, place, form.json()), summary)
    if refused:
        return _page(request, refused.draft, chosen=code, trait=form, refused=refused, status=refused.status)
    return _to(draft, code)


@require_POST
@edits_draft
def change_personas(request: PageRequest, draft: RuleSet, verb: str) -> HttpResponse:
    """Take a trait or a persona away, or let a persona count in fit."""
    code = request.POST.get("persona", "")
    place = _place(request.POST.get("trait"))
    changes = {
        "remove-trait": lambda it: without_trait(it, code, -1 if place is None else place),
        "remove": lambda it: without_persona(it, code),
        "count": lambda it: counted(it, code),
    }
    if verb not in changes:
        raise Http404
    if verb == "remove" and any(uses(draft.document, code)):
        text = _("Rules or gates still ask for this persona: change them first.")
        return _page(
            request, draft, chosen=code, refused=Refused(text, 422, draft.revision, draft), status=422
        )
    said = {"count": _("counts in fit"), "remove": _("removed")}.get(verb, _("a trait removed"))
    summary = _("Persona %(code)s: %(what)s") % {"code": code, "what": said}
    if refused := save(request, draft, changes[verb], summary):
        return _page(request, refused.draft, chosen=code, refused=refused, status=refused.status)
    return _to(draft, "" if verb == "remove" else code)


def _to(draft: RuleSet, code: str) -> HttpResponse:
    address = reverse("scoring:personas", args=[draft.pk])
    return redirect(f"{address}?persona={code}" if code else address)


def _place(given: str | None) -> int | None:
    return int(given) if given and given.isascii() and given.isdigit() and len(given) < 4 else None


def _page(
    request: PageRequest,
    rule_set: RuleSet,
    *,
    chosen: str | None = None,
    form: PersonaForm | None = None,
    trait: TraitForm | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    context = frame(request, rule_set, tab="personas")
    document = rule_set.document
    chosen = request.GET.get("persona", "") if chosen is None else chosen
    cards = [_card(one, document, chosen) for one in document.get("personas", ())]
    looked_at = next(
        (card for card in cards if card["is_chosen"]), cards[0] if cards and chosen != NEW else None
    )
    if looked_at:
        looked_at["is_chosen"] = True
    context |= {
        "revision": refused.revision if refused else rule_set.revision,
        "problem": refused.text if refused else "",
        "personas": cards,
        "chosen": looked_at,
        "is_new": chosen == NEW and context["may_edit"],
        "sample": _sample(rule_set, looked_at),
    }
    if context["may_edit"]:
        context |= _opened(request, document, looked_at, form, trait)
    return shown(request, "scoring/sections/personas.html", context, status)


def _sample(rule_set: RuleSet, card: Mapping[str, Any] | None) -> Any:
    if card is None:
        return None
    persona = next(one for one in parsed(rule_set).personas if one.code == card["code"])
    sample = sample_of(persona, now=timezone.now())
    for trait, held in zip(card["traits"], sample.held, strict=True):
        trait["held"] = held
    return sample


def _card(persona: Mapping[str, Any], document: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    total = sum(one.get("weight", 1) for one in persona["criteria"])
    traits = [
        {
            "place": place,
            "words": condition_words({name: one[name] for name in one if name != "weight"}, document),
            "weight": one.get("weight", 1),
            "percent": round(100 * one.get("weight", 1) / total),
            "held": 0,
        }
        for place, one in enumerate(persona["criteria"])
    ]
    return {
        "code": persona["code"],
        "name": name_of(persona["name"]),
        "story": name_of(persona["story"]) if "story" in persona else "",
        "traits": traits,
        "uses": [
            (name_of(part.get("name", "")), part.get("points"), least)
            for part, least in uses(document, persona["code"])
        ],
        "is_chosen": persona["code"] == chosen,
    }


def _opened(
    request: PageRequest,
    document: Mapping[str, Any],
    card: Mapping[str, Any] | None,
    form: PersonaForm | None,
    trait: TraitForm | None,
) -> dict[str, Any]:
    """What is being edited: the description, or a trait."""
    given = request.GET if request.method == "GET" else request.POST
    persona = next(
        (one for one in document.get("personas", ()) if card and one["code"] == card["code"]), None
    )
    place = given.get("trait", "")
    if persona and place and trait is None and form is None:
        trait = _trait_form(persona, place, given, document)
    is_described = "edit" in given and card is not None
    return {
        "form": form or PersonaForm(initial=_described(persona) if is_described else {}),
        "is_described": is_described or (form is not None and card is not None),
        "trait": trait,
        "trait_place": place,
    }


def _trait_form(
    persona: Mapping[str, Any], place: str, given: QueryDict, document: Mapping[str, Any]
) -> TraitForm:
    """The trait at a place, or what was chosen so far (``field``, ``op``)."""
    number, criteria = _place(place), persona["criteria"]
    there = criteria[number] if number is not None and number < len(criteria) else {}
    initial = FactForm.read_bare(there) | {"weight": there.get("weight", 1)} if there else {}
    if "field" in given:
        same = given["field"] == initial.get("field")
        initial = {
            "field": given["field"],
            "op": given.get("op", ""),
            "value": initial.get("value") if same else None,
            "weight": given.get("weight", "1"),
        }
    return TraitForm(initial=initial, site=Site(document, "fit"))


def _described(persona: Mapping[str, Any] | None) -> dict[str, str]:
    if persona is None:
        return {}
    name, story = persona["name"], persona.get("story", {})
    names = name if isinstance(name, dict) else {"fr": name, "en": name}
    stories = story if isinstance(story, dict) else {"fr": story, "en": story}
    return {**names, "story_fr": stories.get("fr", ""), "story_en": stories.get("en", "")}
