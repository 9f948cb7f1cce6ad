"""What is typed about a site."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from capture.models import Site

MOST_LINES = 50
_COOKIE = re.compile(r"[\w.-]{1,60}=[\w.~%|:{}\[\]=+/-]{1,60}", re.ASCII)
_EXTENSION = re.compile(r"[a-z0-9]{1,10}")


def origin(text: str) -> str:
    """ "https://Www.Acme.fr/page" → "https://www.acme.fr". Raises ValidationError for what is no site."""
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        scheme, host, port = parts.scheme, (parts.hostname or "").encode("idna").decode(), parts.port
    except (ValueError, UnicodeError):
        scheme, host, port = "", "", None
    if scheme not in {"http", "https"} or not host or ("." not in host and host != "localhost"):
        raise ValidationError(
            _("Write an address such as https://www.example.fr, not “%(text)s”.") % {"text": text[:80]}
        )
    return f"{scheme}://{host}" + (f":{port}" if port else "")


def pattern(text: str) -> str:
    """A path with ``*`` for anything. Raises ValidationError for a whole address."""
    if not text.startswith(("/", "*")) or len(text) > 200 or "?" in text:
        raise ValidationError(
            _("Write a path such as /pricing or /offers/*, not “%(text)s”.") % {"text": text[:80]}
        )
    return text


def extension(text: str) -> str:
    """A file's extension without its dot. Raises ValidationError."""
    bare = text.lower().lstrip(".")
    if not _EXTENSION.fullmatch(bare):
        raise ValidationError(
            _("Write the ends of file names, such as pdf, not “%(text)s”.") % {"text": text[:80]}
        )
    return bare


class Lines(forms.CharField):
    """Several values, one a line (or separated by spaces); each read by ``read``."""

    def __init__(self, read: Callable[[str], str], *, rows: int = 3, **options: Any) -> None:
        self._read = read
        area = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocapitalize": "off"})
        super().__init__(widget=area, max_length=10_000, **options)

    def prepare_value(self, value: Any) -> Any:
        """A list as lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """The values, each once. Raises ValidationError naming the first that cannot be."""
        words = super().clean(value).replace(",", " ").split()
        if len(words) > MOST_LINES:
            raise ValidationError(_("At most %(number)s.") % {"number": MOST_LINES})
        return list(dict.fromkeys(self._read(word) for word in words))


class NewSiteForm(forms.Form):
    """A site to be connected."""

    name = forms.CharField(label=lazy("Name"), max_length=50)
    origins = Lines(
        origin,
        label=lazy("Addresses of the site"),
        rows=2,
        help_text=lazy("One a line: https://www.example.fr"),
    )


class SiteForm(NewSiteForm):
    """The settings of a site."""

    pricing_patterns = Lines(
        pattern,
        label=lazy("Pricing pages"),
        required=False,
        rows=2,
        help_text=lazy("Paths, one a line; * stands for anything: /pricing*"),
    )
    ignored_patterns = Lines(
        pattern, label=lazy("Pages to ignore"), required=False, rows=2, help_text=lazy("Such as /account/*")
    )
    download_extensions = Lines(
        extension, label=lazy("Files that count as downloads"), required=False, rows=2
    )
    session_minutes = forms.IntegerField(
        label=lazy("A new visit begins after (minutes)"), min_value=5, max_value=240
    )
    consent_cookie = forms.CharField(
        label=lazy("Cookie of your consent banner"),
        required=False,
        max_length=120,
        help_text=lazy(
            "name=value, as your banner sets it once tracking was accepted. Empty: your site calls ecluse."
        ),
    )
    trap_path = forms.CharField(
        label=lazy("Trap page"),
        required=False,
        max_length=200,
        help_text=lazy("A path that only a hidden link leads to; who opens it is a machine."),
    )

    def clean_consent_cookie(self) -> str:
        """name=value."""
        text = str(self.cleaned_data["consent_cookie"]).strip()
        if text and not _COOKIE.fullmatch(text):
            raise ValidationError(_("Write it as name=value, such as consent=analytics."))
        return text

    def clean_trap_path(self) -> str:
        """A path, or none."""
        text = str(self.cleaned_data["trap_path"]).strip()
        if text and (not text.startswith("/") or any(sign in text for sign in "*?# ")):
            raise ValidationError(_("Write one path, such as /nothing-here."))
        return text

    @classmethod
    def of(cls, site: Site) -> SiteForm:
        """The form with what is set now."""
        told = {name: getattr(site, name) for name in cls.base_fields if name != "origins"}
        return cls(initial=told | {"origins": site.key.origins})
