"""What a site puts into its pages: one script tag, or the form in plain HTML without any script."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html

from capture.drawing import draw
from capture.models import Form
from capture.questions import all_questions


def hosted_url(form: Form) -> str:
    """The address of the form's own page."""
    return f"{settings.SITE_URL}{reverse('capture:form', args=[form.slug])}"


def snippet(form: Form) -> str:
    """The script tag that puts the form where it stands."""
    return format_html(
        '<script src="{}/embed.js" data-form="{}" async></script>', settings.SITE_URL, form.slug
    )


def plain_html(form: Form) -> str:
    """The form in plain HTML, to be styled by the site; sends without any script.

    Only the questions of priority 0 and the first of the others would be asked of a stranger; here all are,
    because the site's page cannot know who reads it.
    """
    drawn = draw(form, all_questions(form), action=hosted_url(form))
    return render_to_string("capture/public/plain.html", {"drawn": drawn}).strip()
