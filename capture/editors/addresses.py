"""How editors read web addresses."""

from __future__ import annotations

from typing import Any

from django import forms


class HttpsField(forms.URLField):
    """A web address; one typed without its scheme means https."""

    def __init__(self, **options: Any) -> None:
        super().__init__(assume_scheme="https", **options)
