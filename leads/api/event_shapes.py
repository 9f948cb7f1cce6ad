"""What an event looks like on the wire. msgspec checks it and writes its part of the OpenAPI schema."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta

from leads.channels import Channel

PATH = "/api/v1/events/"
MAX_EVENTS = 500
MAX_EVENT_BYTES = 32 * 1024
MAX_BATCH_BYTES = 1024 * 1024
MAX_PROPERTIES = 50
MAX_VALUE_BYTES = 1024
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)

EventId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=120,
        pattern=r"^[^\x00-\x1f\x7f]+$",
        description="Your own name of the event, unique for ever for your key: a retry is recognised "
        "by it. UUIDv7 is a good choice.",
    ),
]
Kind = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        description="Code of the kind of event, shipped or your own.",
        examples=["page_viewed"],
    ),
]
Moment = Annotated[
    datetime,
    Meta(
        tz=True,
        description="When it happened: RFC 3339 with an offset; from 1990. The future is clamped to now.",
    ),
]
Properties = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=64)], Any],
    Meta(max_length=MAX_PROPERTIES, description="At most 50; names up to 64 characters, values up to 1 KB."),
]
ContentCode = Annotated[str, Meta(max_length=80, description="Code of the content concerned.")]


class PageEvent(msgspec.Struct, kw_only=True, omit_defaults=True, gc=False):
    """An event that a page reports with a publishable key. It names the visitor, never a person."""

    event_id: EventId
    kind: Kind
    occurred_at: Moment
    visitor: Annotated[UUID, Meta(description="The random id that your tracker gave this browser.")]
    content: ContentCode | None = None
    consent: Annotated[
        bool | None, Meta(description="What the visitor chose in your consent banner; false stores nothing.")
    ] = None
    properties: Properties = {}


class ServerEvent(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """An event that a server reports with a secret key: one of lead, email, reference or visitor."""

    event_id: EventId
    kind: Kind
    occurred_at: Moment
    lead: Annotated[UUID, Meta(description="public_id of the lead.")] | None = None
    email: Annotated[str, Meta(max_length=320)] | None = None
    reference: Annotated[str, Meta(min_length=1, max_length=120)] | None = None
    visitor: UUID | None = None
    content: ContentCode | None = None
    channel: Channel | None = None
    properties: Properties = {}


PAGE_FIELDS = frozenset(PageEvent.__struct_fields__)
# What would name a person; a page must never send it.
NAMES_A_PERSON = frozenset({"lead", "email", "reference"})
