"""What models are called on pages."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

MODELS = {
    "logistic_regression": _("Logistic regression, calibrated"),
    "gradient_boosting": _("Gradient boosting, calibrated"),
}
