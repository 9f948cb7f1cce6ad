"""Writing templates: each save is a new version; what cannot be merged is refused here."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Max

from nurturing.compile import Source, compile_source
from nurturing.models import Template


@transaction.atomic
def save_template(*, code: str, language: str, source: Source, now: datetime) -> Template:
    """The next version of a template. Raises BadTemplate with a code and what it is about."""
    compiled = compile_source(source)
    versions = Template.objects.filter(code=code, language=language)
    newest = versions.aggregate(newest=Max("version"))["newest"] or 0
    return Template.objects.create(
        code=code,
        language=language,
        version=newest + 1,
        subject=source.subject,
        preheader=source.preheader,
        reason=source.reason,
        html=source.html,
        text=source.text,
        compiled_html=compiled.html,
        compiled_text=compiled.text,
        saved_at=now,
    )
