"""A section of a form's settings as it is drawn."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as lazy

from capture.actions.forms import settings_mark
from capture.editors.settings import SECTIONS, SettingsEditor
from capture.models import Form

TITLES: dict[str, tuple[str | Promise, str | Promise]] = {
    "opening": (lazy("Opening"), ""),
    "closing": (lazy("Sending"), ""),
    "general": (lazy("This form"), ""),
    "information": (
        lazy("Information for the person"),
        lazy("Article 13 of the RGPD: shown under every form, with the way to their rights."),
    ),
    "consequences": (lazy("What follows"), lazy("Once a submission is taken in.")),
    "origin": (lazy("Where these leads come from"), ""),
    "protection": (lazy("Confirmation and bots"), ""),
    "sites": (lazy("On your site"), lazy("Only these sites may embed the form or post to it.")),
}


def section_context(
    form: Form, section: str, editor: SettingsEditor | None = None, **more: Any
) -> dict[str, Any]:
    """What templates/capture/_section.html draws."""
    title, note = TITLES[section]
    return {
        "section": section,
        "section_title": title,
        "section_note": note,
        "section_editor": editor or SettingsEditor(instance=form, section=section),
        "section_mark": settings_mark(form, SECTIONS[section]),
        "section_problem": "",
        "section_has_theirs": bool(more.get("section_theirs") is not None),
        **more,
    }
