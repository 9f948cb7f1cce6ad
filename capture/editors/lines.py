"""A list that is written one a line."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leads.normalise import clean_line, clean_text


class Lines(forms.CharField):
    """A list, written one a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, *, most: int, longest: int, **options: Any) -> None:
        self.most, self.longest = most, longest
        super().__init__(required=False, max_length=most * (longest + 2), **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        """The lines that say something, each once."""
        lines = [clean_line(line) for line in clean_text(super().clean(value)).split("\n")]
        found = [line for line in dict.fromkeys(lines) if line]
        if len(found) > self.most:
            raise ValidationError(_("At most %(limit)s lines.") % {"limit": self.most})
        if any(len(line) > self.longest for line in found):
            raise ValidationError(_("At most %(limit)s characters a line.") % {"limit": self.longest})
        return found
