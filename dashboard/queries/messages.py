"""The message log: what was sent, what was held back and why."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.keyset import Order
from nurturing.models import Message
from nurturing.queries import message_log

NEWEST = Order("newest", "", "planned_at")
HEAVY = (
    "template__html",
    "template__text",
    "template__compiled_html",
    "template__compiled_text",
    "lead__search_text",
)


def log() -> QuerySet[Message]:
    """The log's rows without what a list does not show. Only for who may see every message."""
    return message_log().defer(*HEAVY)
