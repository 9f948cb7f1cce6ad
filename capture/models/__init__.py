"""The tables of forms and what was sent with them, imports, sites and quick entry."""

from capture.models.form import Form, FormConsent, FormField
from capture.models.imports import Import, ImportedCompany, ImportMapping, ImportRow
from capture.models.quick_entry import QuickEntry
from capture.models.site import Site
from capture.models.submission import Submission
from capture.models.version import FormVersion
from capture.models.views import FormViews

__all__ = [
    "Form",
    "FormConsent",
    "FormField",
    "FormVersion",
    "FormViews",
    "Import",
    "ImportMapping",
    "ImportRow",
    "ImportedCompany",
    "QuickEntry",
    "Site",
    "Submission",
]
