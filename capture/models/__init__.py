"""The tables of forms and what was sent with them, imports, sites and quick entry."""

from capture.models.form import Form, FormConsent, FormField
from capture.models.submission import Submission

__all__ = ["Form", "FormConsent", "FormField", "Submission"]
