"""Where an import stands, and what that allows."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from capture.choices import ImportState
from capture.models import Import

WORKING = (ImportState.RUNNING, ImportState.QUEUED, ImportState.CHECKING, ImportState.WAKING,
            ImportState.REVERTING)  # fmt: skip


class NotReady(ValueError):
    """The import cannot do that now; the text says what is missing, ``code`` is stable."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


def require(batch: Import, *states: ImportState) -> None:
    """Go on only where the import is in one of these states. Raises NotReady."""
    if batch.state not in states:
        raise NotReady(
            "wrong_state",
            _("This import is “%(state)s”: that is not possible now.") % {"state": batch.get_state_display()},
        )


def move(batch: Import, state: ImportState, **values: Any) -> None:
    """Bring the import into a state, with these values."""
    for name, value in values.items():
        setattr(batch, name, value)
    batch.state = state
    batch.save(update_fields=["state", *values])


def forget_files(batch: Import) -> None:
    """Delete what is kept of the file."""
    for kept in (batch.file, batch.rejects):
        if kept:
            kept.delete(save=False)
