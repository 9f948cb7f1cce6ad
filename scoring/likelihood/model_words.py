"""What models, their rungs and what they learn from are called on pages."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from leads.channels import Acquisition, Channel
from leads.choices import Audience, BudgetRange, DecisionRole, Headcount, Sector, Seniority, Turnover
from leads.kinds import BY_CODE
from scoring.likelihood.entitlement import Why

MODELS = {
    "logistic_regression": gettext_lazy("Logistic regression, calibrated"),
    "gradient_boosting": gettext_lazy("Gradient boosting, calibrated"),
}
_COLUMNS: dict[str, str | Promise] = {
    "audience": gettext_lazy("Audience"),
    "acquisition": gettext_lazy("Acquisition"),
    "channel": gettext_lazy("Channel"),
    "last_channel": gettext_lazy("Last channel"),
    "department": gettext_lazy("Department"),
    "seniority": gettext_lazy("Seniority"),
    "company_role": gettext_lazy("Role in the decision"),
    "budget_range": gettext_lazy("Budget"),
    "landing_page": gettext_lazy("Landing page"),
    "company.sector": gettext_lazy("Sector"),
    "company.headcount": gettext_lazy("Headcount"),
    "company.turnover": gettext_lazy("Turnover"),
    "company.country": gettext_lazy("Country of the company"),
    "known.phone": gettext_lazy("Phone known"),
    "known.need": gettext_lazy("Need known"),
    "known.pain_point": gettext_lazy("Challenge known"),
    "known.company": gettext_lazy("Company known"),
    "known.company.siren": gettext_lazy("SIREN known"),
    "project_months": gettext_lazy("Months to the project"),
    "interests": gettext_lazy("Number of interests"),
    "active.7": gettext_lazy("Acts in 7 days"),
    "active.30": gettext_lazy("Acts in 30 days"),
    "active.90": gettext_lazy("Acts in 90 days"),
    "active.since": gettext_lazy("Days since the last act"),
    "known.since": gettext_lazy("Days since the first event"),
    "intent.90": gettext_lazy("Acts of intent in 90 days"),
    "contents": gettext_lazy("Different contents"),
}
_CHOICES: dict[str, Sequence[tuple[str, str | Promise]]] = {
    "audience": Audience.choices,
    "acquisition": Acquisition.choices,
    "channel": Channel.choices,
    "last_channel": Channel.choices,
    "seniority": Seniority.choices,
    "company_role": DecisionRole.choices,
    "budget_range": BudgetRange.choices,
    "company.sector": Sector.choices,
    "company.headcount": Headcount.choices,
    "company.turnover": Turnover.choices,
}
_WHY: dict[str, str | Promise] = {
    Why.FEW_OUTCOMES: gettext_lazy(
        "Nothing is learned yet: that takes 40 leads that reached SQL and 40 that did not, "
        "each offered 90 days ago or more."
    ),
    Why.FEW_TESTED: gettext_lazy(
        "It stays in the shadow: the newest fifth of the outcomes is too small to examine it."
    ),
    Why.NOT_ABOVE_RULES: gettext_lazy(
        "It stays in the shadow: on the newest outcomes it ranks no better than the rules."
    ),
    Why.NO_SKILL: gettext_lazy(
        "It stays in the shadow: it foretells no better than saying the average for everybody."
    ),
    Why.NOT_CALIBRATED: gettext_lazy(
        "It stays in the shadow: what it says is further than 5 points from what comes."
    ),
    Why.DRIFTED: gettext_lazy(
        "It stepped back by itself: the newest outcomes contradict it. The rules go on alone."
    ),
    Why.PASSED: gettext_lazy(
        "It is shown: on the newest outcomes it ranks better than the rules, and what it says comes."
    ),
}


def column_words(name: str) -> str:
    """What a column is called: a fact of the profile, or a kind of event within 90 days."""
    if name.startswith("event."):
        kind = BY_CODE.get(name.removeprefix("event."))
        label = str(kind.label) if kind else name.removeprefix("event.").replace("_", " ")
        return _("%(kind)s, times in 90 days") % {"kind": label}
    return str(_COLUMNS.get(name, name))


def value_words(name: str, value: str) -> str:
    """What a column holds for a lead, in the words of its choices."""
    if name.startswith("known."):
        return _("yes") if value == "yes" else _("no")
    if not value:
        return _("not known")
    return str(dict(_CHOICES.get(name, ())).get(value, value))


def why_words(why: str) -> str:
    """In a sentence, why a model is on its rung."""
    return str(_WHY[why])
