"""One question, as its editor shows it."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.choices import AnswerType
from capture.editors.lines import Lines
from capture.models import FormField
from capture.targets import ANSWER, Target, free_answer
from leads.normalise import clean_line

MOST_OPTIONS = 50
MOST_RANK = 9


class QuestionEditor(forms.ModelForm[FormField]):
    """One question: only what its target and its type leave to be said."""

    code = forms.CharField(
        label=lazy("Name in rules and exports"),
        max_length=40,
        help_text=lazy("Lower-case letters, digits and _."),
    )
    options = Lines(label=lazy("Choices, one a line"), most=MOST_OPTIONS, longest=120)
    priority = forms.TypedChoiceField(
        label=lazy("When it is asked"),
        coerce=int,
        choices=(),
        help_text=lazy("A rank asks only while the answer is unknown, a few questions at each visit."),
    )

    class Meta:
        model = FormField
        fields: ClassVar = ["label", "help", "type", "options", "value", "priority", "is_required"]

    def __init__(self, *args: Any, target: Target | None, **options: Any) -> None:
        super().__init__(*args, **({"auto_id": f"q{options['instance'].pk}-%s"} | options))
        self.target = target
        types = target.types if target else (AnswerType(self.instance.type),)
        kind = self.data.get("type") or self.instance.type
        self.fields["type"].choices = [(one.value, one.label) for one in types]  # type: ignore[attr-defined]
        self.fields["code"].initial = self.instance.target.removeprefix(ANSWER)
        self.fields["priority"].choices = _ranks()  # type: ignore[attr-defined]
        for name in self._unsaid(kind, len(types)):
            del self.fields[name]

    def _unsaid(self, kind: str, type_count: int) -> set[str]:
        """The fields that make no sense for this target asked in this way."""
        target = self.target
        chooses = kind in {AnswerType.CHOICE, AnswerType.MULTIPLE}
        unsaid = {
            "type": type_count < 2,
            "options": not chooses or bool(target and target.options),
            "value": kind != AnswerType.HIDDEN,
            "code": not self.instance.target.startswith(ANSWER),
        }
        if kind == AnswerType.HIDDEN:
            unsaid |= dict.fromkeys(("help", "priority", "is_required"), True)
        return {name for name, is_unsaid in unsaid.items() if is_unsaid}

    def clean_label(self) -> str:
        """One line, which says something."""
        return clean_line(self.cleaned_data["label"])

    def clean_help(self) -> str:
        """One line."""
        return clean_line(self.cleaned_data["help"])

    def clean_code(self) -> str:
        """A name that rules can use."""
        code = str(self.cleaned_data["code"]).strip().lower()
        if free_answer(f"{ANSWER}{code}") is None:
            raise ValidationError(_("Begin with a letter; then lower-case letters, digits and _ only."))
        return code

    @property
    def values(self) -> dict[str, object]:
        """What the action takes; of a hidden question nothing is required or progressive."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "code"}
        if "code" in self.cleaned_data:
            values["target"] = f"{ANSWER}{self.cleaned_data['code']}"
        if values.get("type", self.instance.type) == AnswerType.HIDDEN:
            values |= {"priority": 0, "is_required": False}
        return values


def _ranks() -> list[tuple[int, str]]:
    """Always, or only while unknown: the lower the rank, the earlier."""
    later = _("Later, rank %(rank)s")
    return [(0, _("Always")), *((rank, later % {"rank": rank}) for rank in range(1, MOST_RANK + 1))]
