"""A piece of content, as its editor shows it: a file, or an address."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.editors.addresses import HttpsField
from capture.file_kinds import ALL, LARGEST_BYTES, FileKind, kind_of
from leads.models import Content
from leads.normalise import clean_line, clean_text

MOST_WORDS = 20


class Words(forms.CharField):
    """A few words between commas."""

    def __init__(self, **options: Any) -> None:
        super().__init__(required=False, max_length=600, **options)

    def prepare_value(self, value: Any) -> Any:
        """A list with its commas."""
        return ", ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> list[str]:
        """The words, each once, in lower case, so that "Maintenance" and "maintenance" are one topic."""
        typed = super().clean(value)
        words = [clean_line(word).lower() for word in typed.replace(";", ",").split(",")]
        found = [word for word in dict.fromkeys(words) if word]
        if len(found) > MOST_WORDS or any(len(word) > 60 for word in found):
            raise ValidationError(_("At most 20, of at most 60 characters each."))
        return found


class ContentEditor(forms.ModelForm[Content]):
    """A piece of the library."""

    topics = Words(label=lazy("Topics"), help_text=lazy("Between commas: “maintenance, energy”."))
    personas = Words(label=lazy("Personas"), help_text=lazy("Between commas; empty: for everybody."))
    language = forms.ChoiceField(label=lazy("Language"), choices=settings.LANGUAGES)
    upload = forms.FileField(
        label=lazy("File"),
        required=False,
        help_text=lazy("PDF, Word, Excel, PowerPoint, EPUB, image, MP4, WebM or MP3; at most 50 MB."),
    )

    class Meta:
        model = Content
        fields: ClassVar = [
            "title", "summary", "type", "band", "phase", "topics", "personas", "language", "upload", "url",
            "is_gated", "is_active",
        ]  # fmt: skip
        field_classes: ClassVar = {"url": HttpsField}
        widgets: ClassVar = {
            "summary": forms.Textarea(attrs={"rows": 3}),
            "url": forms.URLInput(attrs={"placeholder": "https://"}),
        }
        labels: ClassVar = {"url": lazy("Or its address")}
        help_texts: ClassVar = {
            "summary": lazy("Two sentences: they stand in the messages that recommend it."),
            "is_gated": lazy("Recommended only by a form, never by a bare link."),
        }

    kind: FileKind | None = None

    def clean_title(self) -> str:
        """One line."""
        return clean_line(self.cleaned_data["title"])

    def clean_summary(self) -> str:
        """Text in its normal form."""
        return clean_text(self.cleaned_data["summary"])

    def clean_upload(self) -> UploadedFile[Any] | None:
        """A file of a kind that is handed out, told by what is in it (security bar: files)."""
        file: UploadedFile[Any] | None = self.cleaned_data.get("upload")
        if not file:
            return None
        if (file.size or 0) > LARGEST_BYTES:
            raise ValidationError(
                _("The file is larger than 50 MB. Put it on a server and give its address.")
            )
        self.kind = kind_of(file.file)  # type: ignore[arg-type]  # an open file of bytes
        if self.kind is None:
            known = ", ".join(kind.extensions[0].upper() for kind in ALL)
            raise ValidationError(
                _("The content of this file is none of: %(kinds)s. Save it as one of them.")
                % {"kinds": known}
            )
        return file

    def clean(self) -> dict[str, Any]:
        """Something to hand out."""
        cleaned = super().clean() or {}
        has_file = bool(cleaned.get("upload") or self.instance.file)
        if (
            "upload" not in self.errors
            and "url" not in self.errors
            and not has_file
            and not cleaned.get("url")
        ):
            self.add_error("upload", _("Choose a file, or give the address where it can be read."))
        return cleaned

    @property
    def values(self) -> dict[str, object]:
        """What the action takes, but for the file."""
        return {name: value for name, value in self.cleaned_data.items() if name != "upload"}
