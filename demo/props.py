"""What stands on the stage before anybody enters: content, the newsletter's list, the sender."""

from __future__ import annotations

from datetime import datetime

from demo.company import DOMAIN, NAME
from demo.library import LIBRARY
from leads.models import Content, List
from nurturing.actions.settings import set_up as introduce

NEWSLETTER_CODE = "lettre-de-l-atelier"
CONSENT_TEXT = "Je souhaite recevoir la lettre de l’atelier. (v1)"


def set_up(*, now: datetime) -> dict[str, int]:
    """Publish the library, open the list, say who writes; the ids of the content by code."""
    List.objects.create(
        code=NEWSLETTER_CODE, name="La lettre de l’atelier", is_newsletter=True, created_at=now
    )
    _introduce_sender()
    return _publish(now)


def _publish(now: datetime) -> dict[str, int]:
    Content.objects.bulk_create(
        Content(
            code=piece.code,
            title=piece.title,
            summary=piece.summary,
            type=piece.type,
            band=piece.band,
            phase=piece.phase,
            topics=list(piece.topics),
            is_gated=piece.is_gated,
            url=piece.url,
            created_at=now,
        )
        for piece in LIBRARY
    )
    return dict(Content.objects.values_list("code", "pk"))


def _introduce_sender() -> None:
    """Nothing is sent before the sender says who it is."""
    introduce(
        sender_name=f"L’équipe {NAME.split(maxsplit=1)[0]}",
        sender_email=f"bonjour@{DOMAIN}",
        reply_to=f"contact@{DOMAIN}",
        organisation=NAME,
        postal_address="12 quai des Écluses, 69000 Lyon",
    )
