"""A person comes in: recognise, complete, note consents, join with the browser's past, record the event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import uuid4

import msgspec
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from leads.actions.consent import record_consent
from leads.actions.events import new_event, record_events
from leads.actions.people import PROFILE_FIELDS, Arrival, Identity, Recognised, recognise
from leads.actions.touches import note_touch
from leads.actions.visitors import identify_visitor
from leads.api.addresses import client_address, truncated
from leads.api.event_checks import FORM_KINDS, check_kind
from leads.api.lookups import contents, kinds
from leads.api.problems import FieldError, Problem
from leads.channels import Acquisition
from leads.choices import ConsentState, ContactChannel, Origin, Purpose
from leads.incoming import Outcome, canonical, digest_of
from leads.models import Lead
from leads.sources import channel_of


@dataclass(frozen=True, slots=True)
class Sender:
    """Who hands a person in. ``trusted`` ones may overwrite what is known, and match by phone."""

    source_id: int
    origin: Origin
    trusted: bool
    name: str
    by: User | None = None
    proof: Mapping[str, str] = field(default_factory=dict)


def proof_of(request: HttpRequest, page: str) -> dict[str, str]:
    """What the consent ledger keeps of the request: where, from which network, by which browser."""
    agent = request.headers.get("User-Agent", "")
    return {
        "page_url": page,
        "ip_truncated": truncated(client_address(request)),
        "user_agent_hash": sha256(agent.encode()).hexdigest() if agent else "",
    }


@dataclass(frozen=True, slots=True)
class Taken:
    """The lead, whether it is new, and what became of the event (None without one)."""

    lead: Lead
    created: bool
    event: Outcome | None


def take_person(values: Mapping[str, Any], sender: Sender, *, now: datetime) -> Taken:
    """Take over what a form or a server told (validated values). Call inside a transaction.

    Raises Problem 400 for a kind of event that may not come this way.
    """
    event = dict(values.get("event") or ({} if sender.trusted else {"kind": "form_submitted"}))
    kind_id = _kind_id(event["kind"], sender) if event else None
    channel = values.get("channel") or channel_of(
        utm=values.get("utm"), referrer=values.get("referrer", ""), page=values.get("page", "")
    )
    found = recognise(
        identity=Identity(values.get("email"), values.get("phone"), values.get("reference")),
        profile={name: value for name, value in values.items() if name in PROFILE_FIELDS},
        origin=sender.origin,
        now=now,
        arrival=Arrival(channel, values.get("acquisition", Acquisition.INDIRECT), values.get("page", "")),
        company=values.get("company"),
        overwrite=sender.trusted and values.get("overwrite", True),
        trusted=sender.trusted,
        by=sender.by,
    )
    _note_consents(found, values.get("consents", ()), sender, now=now)
    if values.get("visitor"):
        identify_visitor(visitor_id=values["visitor"], lead=found.lead, source_id=sender.source_id, now=now)
    note_touch(
        at=now,
        lead_id=found.lead.pk,
        channel=channel,
        utm=values.get("utm"),
        referrer=values.get("referrer", ""),
        page=values.get("page", ""),
    )
    outcome = None
    if kind_id is not None:
        outcome = _record(found.lead, event, kind_id, channel, values, sender=sender, now=now)
    return Taken(found.lead, found.created, outcome)


def _kind_id(code: str, sender: Sender) -> int:
    """The kind's id. Raises Problem when it may not come this way."""
    kind = kinds([code]).get(code)
    refusal = check_kind(code, kind, from_page=not sender.trusted, allowed=FORM_KINDS)
    if refusal or kind is None:
        code = refusal.code if refusal else "kind_unknown"
        detail = refusal.detail if refusal else _("There is no such kind of event.")
        raise Problem(
            400,
            "invalid",
            _("Some values cannot be taken; see errors."),
            errors=[FieldError("event.kind", code, detail)],
        )
    return kind.id


def _note_consents(found: Recognised, consents: Any, sender: Sender, *, now: datetime) -> None:
    """Each answer is one line of the ledger."""
    for consent in consents:
        record_consent(
            lead=found.lead,
            purpose=Purpose(consent["purpose"]),
            channel=ContactChannel(consent["channel"]),
            state=ConsentState(consent["state"]),
            now=now,
            text_version=consent.get("text_version", ""),
            form_version=consent.get("form_version", ""),
            actor=sender.name,
            page_url=sender.proof.get("page_url", ""),
            ip_truncated=sender.proof.get("ip_truncated", ""),
            user_agent_hash=sender.proof.get("user_agent_hash", ""),
        )


def _record(
    lead: Lead,
    event: Mapping[str, Any],
    kind_id: int,
    channel: str,
    values: Mapping[str, Any],
    *,
    sender: Sender,
    now: datetime,
) -> Outcome:
    """The post itself is an event. A content that is not known here does not lose it."""
    code = event.get("content", "")
    about = {name: values[name] for name in ("page", "referrer") if values.get(name)}
    campaign = {f"utm_{name}": value for name, value in (values.get("utm") or {}).items() if value}
    unknown = {"content": code} if code and code not in contents([code]) else {}
    properties = about | campaign | unknown | event.get("properties", {})
    draft = new_event(
        kind_id=kind_id,
        occurred_at=event.get("occurred_at", now),
        source_id=sender.source_id,
        event_id=event.get("event_id") or str(uuid4()),
        properties=properties,
        lead_id=lead.pk,
        visitor_id=values.get("visitor"),
        content_id=contents([code]).get(code) if code else None,
        channel=channel,
    )
    if "occurred_at" not in event:
        # A retry comes at another time: only what was sent tells it from a reused id.
        told = canonical([kind_id, code, properties, lead.pk])
        draft = msgspec.structs.replace(draft, digest=digest_of(told))
    return record_events([draft], now=now)[0]
