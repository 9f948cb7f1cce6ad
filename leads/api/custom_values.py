"""Custom fields on the wire: only those that are defined, each with a value of its type."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError

from leads.api.fields import Properties
from leads.custom_fields import About, read_value
from leads.custom_filters import PREFIX, what_may_be_asked
from leads.models import CustomField
from leads.normalise import InvalidValue

# Kept beside the site's own fields, but Écluse's: the code of the buyer persona somebody resembles.
PERSONA = "persona"


class CustomValues(Properties):
    """A table of custom fields. ``about`` says whose; an unknown code is refused, so that no typo is kept."""

    def __init__(self, about: About, **options: Any) -> None:
        super().__init__(**options)
        self.about = about

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The values to keep; empty ones are left out."""
        given = super().to_internal_value(data)
        defined = (
            {field.code: field.definition for field in CustomField.objects.of(self.about)} if given else {}
        )
        kept: dict[str, Any] = {}
        errors: dict[str, ValidationError] = {}
        for code, raw in given.items():
            if code == PERSONA and isinstance(raw, str):
                kept[code] = raw
            elif code not in defined:
                text = _("There is no such field; define it first under Settings, Fields.")
                errors[code] = ValidationError(text, code="unknown_field")
            else:
                try:
                    value = read_value(defined[code], raw, language=get_language() or "fr")
                except InvalidValue as invalid:
                    errors[code] = ValidationError(str(invalid), code=invalid.code)
                else:
                    kept |= {} if value is None else {code: value}
        if errors:
            raise ValidationError({code: error.detail for code, error in errors.items()})
        return kept


def custom_conditions(params: dict[str, str]) -> tuple[list[Q], dict[str, str]]:
    """What is asked of custom fields, and the parameters that ask something else.

    A field that is not defined stays among the latter, where it is refused. Raises ValidationError.
    """
    if not any(name.startswith(PREFIX) for name in params):
        return [], params
    language, found, errors = get_language() or "fr", [], {}
    asked = {one.name: one for one in what_may_be_asked(CustomField.objects.of(About.LEAD))}
    for name in params.keys() & asked.keys():
        try:
            value = asked[name].read(params[name], language)
        except InvalidValue as invalid:
            errors[name] = [str(invalid)]
        else:
            found += [] if value is None else [asked[name].condition(value)]
    if errors:
        raise ValidationError(errors)
    return found, {name: value for name, value in params.items() if name not in asked}
