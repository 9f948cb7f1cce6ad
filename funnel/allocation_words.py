"""What the allocation decided, in words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from funnel.allocation import Rule, WhyNot

WHY_NOT: Mapping[WhyNot, str | Promise] = {
    WhyNot.INACTIVE: _("desk closed"),
    WhyNot.EXCLUDED: _("let it pass already"),
    WhyNot.ABSENT: pgettext_lazy("rep", "away"),
    WhyNot.TERRITORY: _("not their territory"),
    WhyNot.SECTOR: _("not their sector"),
    WhyNot.LANGUAGE: _("not their language"),
    WhyNot.SIZE: _("not their size of company"),
    WhyNot.PRODUCT: _("not their product"),
    WhyNot.FULL: _("no place free"),
    WhyNot.SAL_CAP: _("has enough SAL"),
    WhyNot.DAILY_LIMIT: _("enough offers for today"),
    WhyNot.LAST_RESORT: _("only once the reps had their chance"),
    WhyNot.MANAGER: _("the reps had their chance"),
}

RULES: Mapping[Rule, str | Promise] = {
    Rule.FORMER_OWNER: _("worked this lead before"),
    Rule.SAME_COMPANY: _("works the same company"),
    Rule.MADE_FOR_IT: _("their territory, sector or product"),
    Rule.FAIR_SHARE: _("fair share"),
    Rule.LEAST_RECENT: _("waited longest for a lead"),
    Rule.ONLY_ONE: _("the only one who can"),
    Rule.ESCALATION: _("no rep decided or takes such leads"),
    Rule.TAKEN_BACK: _("took it back"),
    Rule.HANDED_OVER: _("handed over"),
}


def rule_words(code: str) -> str:
    """A stored rule in words; as stored where it is not known any more."""
    return str(RULES[Rule(code)]) if code in set(Rule) else code
