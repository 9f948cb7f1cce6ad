"""Why a rule is refused, in the reader's words."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from scoring.engine.reading import RuleError
from scoring.sentences import field_name
from scoring.vocabulary import label_of

# Every message that scoring/engine refuses with; a test compares them with the source.
MESSAGES: tuple[str | Promise, ...] = (
    _("A list is expected here."),
    _("A number from %(low)d to %(high)d, up to three decimals."),
    _("A number is expected here."),
    _("A rule cannot ask for the score that it makes."),
    _("A rule needs a condition, or events to count."),
    _("A text of 1 to %(most)d characters is expected here."),
    _("A whole number from %(low)d to %(high)d is expected here."),
    _("An object is expected here."),
    _("At most %(most)d conditions are allowed."),
    _("At most %(most)d rules are allowed."),
    _("Between %(least)d and %(most)d entries are allowed."),
    _("Conditions may be nested %(most)d levels deep."),
    _("Fit tells who somebody is: it cannot ask for events."),
    _("Loading a mail says nothing about a person: it is never scored."),
    _("One of these is expected: %(allowed)s."),
    _("Say which events are meant."),
    _("The code %(code)s is used twice."),
    _("The event %(code)s is drawn from the score: a rule on it is a cycle."),
    _("The thresholds are reversed."),
    _("There is no %(code)s here."),
    _("There is no field %(name)s."),
    _("There is no persona %(name)s."),
    _("These conditions contradict each other: they can never hold together."),
    _("This condition is not understood."),
    _("This field is missing."),
    _("This field is unknown."),
    _("This operator takes no value."),
    _("True or false is expected here."),
)


def say(error: RuleError) -> str:
    """What is wrong, as a sentence."""
    return gettext(error.message) % _readable(error.params) if error.params else gettext(error.message)


def _readable(params: Mapping[str, object]) -> Mapping[str, object]:
    """Codes within a message as people call them; numbers stay."""
    readable = dict(params)
    if isinstance(allowed := params.get("allowed"), str):
        readable["allowed"] = ", ".join(label_of(code) for code in allowed.split(", "))
    if isinstance(name := params.get("name"), str):
        readable["name"] = f"“{field_name(name)}”"
    return readable
