"""Common rules to begin with: a sentence that people know, and what it is in the document."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Starter:
    """A rule of one measure; its code in the document is ``code`` or the next free one."""

    code: str
    label: str | Promise
    measures: str
    rule: Mapping[str, Any]

    def made(self, code: str) -> dict[str, Any]:
        """The rule under a code."""
        return {"code": code, **deepcopy(dict(self.rule))}


def _named(fr: str, en: str, points: float, **what: Any) -> dict[str, Any]:
    return {"name": {"fr": fr, "en": en}, "points": points, **what}


# An act of intent counts once, and is worth half after a month and a half.
_ACT: Mapping[str, Any] = {"one_per": "day", "within_days": 180, "most": 1, "half_life": 45}


def _counted(kinds: list[str], **how: Any) -> dict[str, Any]:
    return {"event": {"kind": kinds}, **how}


STARTERS: tuple[Starter, ...] = (
    Starter("pricing", _("viewed pricing"), "engagement", _named(
        "Tarifs consultés", "Pricing viewed", 10,
        count=_counted(["pricing_viewed"], one_per="day", within_days=30, most=3, half_life=14))),
    Starter("quote", _("asked for a quote"), "engagement", _named(
        "Demande de devis", "Quote requested", 50,
        count=_counted(["quote_requested"], **_ACT))),
    Starter("contact", _("asked to be contacted"), "engagement", _named(
        "Demande de contact", "Contact requested", 40,
        count=_counted(["contact_requested", "inbound_call"], **_ACT))),
    Starter("demo", _("asked for a demo"), "engagement", _named(
        "Démonstration ou essai", "Demo or trial", 40,
        count=_counted(["demo_requested", "trial_started"], **_ACT))),
    Starter("downloads", _("downloaded contents"), "engagement", _named(
        "Contenus téléchargés", "Content downloaded", 10,
        count=_counted(["content_downloaded"], one_per="day", within_days=365, most=5, half_life=60))),
    Starter("several_contents", _("several different contents"), "engagement", _named(
        "Plusieurs contenus différents", "Several different contents", 8,
        when=_counted(["content_downloaded"], at_least=3, distinct_contents=3, within_days=60))),
    Starter("webinar", _("attended a webinar"), "engagement", _named(
        "Webinaire suivi", "Webinar attended", 15,
        count=_counted(["webinar_attended"], within_days=180, most=2, half_life=60))),
    Starter("clicks", _("clicks in emails"), "engagement", _named(
        "Clics dans nos e-mails", "Clicks in our emails", 3,
        count=_counted(["email_clicked"], one_per="day", within_days=90, most=5, half_life=30))),
    Starter("pages", _("page views"), "engagement", _named(
        "Pages vues", "Pages viewed", 1,
        count=_counted(["page_viewed"], one_per="hour", within_days=90, most=15, half_life=30))),
    Starter("silent", _("inactive for 60 days"), "engagement", _named(
        "Silence depuis 60 jours", "Silent for 60 days", -10, when={"inactive_days": 60})),
    Starter("unsubscribed", _("unsubscribed"), "engagement", _named(
        "Désinscription", "Unsubscribed", -20,
        when={"event": {"kind": ["unsubscribed", "consent_withdrawn"]}, "within_days": 365})),
    Starter("director", _("is a director"), "fit", _named(
        "Direction", "Executive or director", 15,
        when={"field": "seniority", "op": "in", "value": ["executive", "director"]})),
    Starter("decides", _("decides"), "fit", _named(
        "Décide", "Decides", 15, when={"field": "company_role", "op": "is", "value": "decision_maker"})),
    Starter("sector", _("is in a target sector"), "fit", _named(
        "Secteur visé", "Target sector", 20,
        when={"field": "company.sector", "op": "in", "value": ["industry"]})),
    Starter("headcount", _("company of 50 people or more"), "fit", _named(
        "Au moins 50 personnes", "50 people or more", 15,
        when={"field": "company.headcount", "op": "in", "value": ["50_249", "250_4999", "5000_plus"]})),
    Starter("budget", _("has a budget"), "fit", _named(
        "Budget connu", "Budget known", 8, when={"field": "budget_range", "op": "is_set"})),
    Starter("near_project", _("project within six months"), "fit", _named(
        "Projet dans les six mois", "Project within six months", 12,
        when={"field": "project_month", "op": "within_months", "value": 6})),
    Starter("student", _("is a student"), "fit", _named(
        "Étudiant", "Student", -80, when={"field": "seniority", "op": "is", "value": "student"})),
    Starter("consumer", _("is a consumer"), "fit", _named(
        "Particulier", "Consumer", -40, when={"field": "audience", "op": "is", "value": "b2c"})),
)  # fmt: skip
BY_CODE = {starter.code: starter for starter in STARTERS}


def starters_for(measures: str) -> list[Starter]:
    """The common rules of a measure."""
    return [starter for starter in STARTERS if starter.measures == measures]
