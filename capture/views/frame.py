"""What every page of the builder shows around its part: the form's state, what is wrong, the preview."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.pages import PageRequest, may
from capture.actions.changes import CannotBePublic
from capture.choices import FormState
from capture.lint_words import said
from capture.models import Form
from capture.queries.forms import built

WIDTHS = ("phone", "desktop")
VISITORS = ("first", "known")


def frame(request: PageRequest, form: Form, *, tab: str) -> dict[str, Any]:
    """The context of templates/capture/_frame.html."""
    whole = built(form)
    return {
        "form": form,
        "tab": tab,
        "built": whole,
        "findings": [said(finding) for finding in whole.findings],
        "is_live": form.state == FormState.LIVE,
        "may_edit": may(request.user, "capture.edit_forms"),
        "width": _one_of(WIDTHS, request.GET.get("width")),
        "visitor": _one_of(VISITORS, request.GET.get("visitor")),
    }


def _one_of(choices: tuple[str, ...], value: str | None) -> str:
    return value if value in choices else choices[0]


def refusal(error: CannotBePublic) -> str:
    """Why a change of a public form was not made."""
    reasons = " ".join(said(finding).text for finding in error.findings)
    return _("Not changed, since the form is public: %(reasons)s") % {"reasons": reasons}
