"""The content library: pieces added, changed and taken out of use; none is deleted (bar: inputs B71)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.text import slugify

from capture.file_kinds import FileKind, safe_name
from leads.models import Content


@transaction.atomic
def add_content(
    *,
    values: Mapping[str, object],
    now: datetime,
    file: UploadedFile[Any] | None = None,
    kind: FileKind | None = None,
) -> Content:
    """A new piece with the values of its fields, and its file with what it was recognised as."""
    content = Content(code=free_code(str(values["title"])), created_at=now, **values)
    if file and kind:
        _keep_file(content, file, kind)
    content.save()
    return content


@transaction.atomic
def change_content(
    *,
    content: Content,
    values: Mapping[str, object],
    file: UploadedFile[Any] | None = None,
    kind: FileKind | None = None,
) -> Content:
    """Change a piece; a new file takes the place of the old one, which is gone once that is certain."""
    content = Content.objects.select_for_update().get(pk=content.pk)
    old = content.file.name
    for name, value in values.items():
        setattr(content, name, value)
    if file and kind:
        _keep_file(content, file, kind)
        if old:
            storage = content.file.storage
            transaction.on_commit(lambda: storage.delete(old))
    content.save()
    return content


def _keep_file(content: Content, file: UploadedFile[Any], kind: FileKind) -> None:
    """The file under a name that nobody chose; the one people know is only shown and given out."""
    content.file_name = safe_name(file.name or "", kind)
    content.file_size = file.size or 0
    content.file.save(f"{uuid.uuid4().hex}.{kind.extensions[0]}", file, save=False)


def free_code(title: str) -> str:
    """A code made of the title that no piece has yet; rules and the API name the piece by it."""
    base = slugify(title)[:70].strip("-") or "content"
    taken = {"new", *Content.objects.filter(code__startswith=base).values_list("code", flat=True)}
    number, code = 1, base
    while code in taken:
        number += 1
        code = f"{base}-{number}"
    return code
