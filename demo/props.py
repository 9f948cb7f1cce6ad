"""What stands on the stage before anybody enters: content, the newsletter's list, the sender."""

from __future__ import annotations

from datetime import datetime
from random import Random

from demo.company import DOMAIN, NAME
from demo.library import LIBRARY, codes
from leads.choices import ContentType
from leads.models import Content, List
from nurturing.actions.newsletter import Issue
from nurturing.actions.settings import set_up as introduce

NEWSLETTER_CODE = "lettre-de-l-atelier"
CONSENT_TEXT = "Je souhaite recevoir la lettre de l’atelier. (v1)"


ARTICLES_IN_AN_ISSUE = 3


def issue(number: int, occurrence: str, seed: int) -> Issue:
    """One issue of the newsletter: three articles."""
    chosen = Random(f"{seed}/issue/{number}").sample(codes(ContentType.ARTICLE), ARTICLES_IN_AN_ISSUE)
    pieces = {piece.code: piece for piece in Content.objects.filter(code__in=chosen)}
    return Issue(
        list_code=NEWSLETTER_CODE,
        occurrence=occurrence,
        title=f"La lettre de l’atelier n° {number}",
        contents=tuple(pieces[code] for code in chosen),
    )


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
