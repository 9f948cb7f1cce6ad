"""What rows tell besides a profile: consents, past events, and what became of the lead elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from accounts.models import User
from capture.imports.rows import Consent, Ending, Row
from capture.models import Import
from funnel.actions.imports import ImportedOutcome, record_outcomes
from funnel.models import Reason
from funnel.stages import Stage
from leads.actions.events import new_event, record_events
from leads.choices import ConsentState
from leads.kinds import BY_CODE
from leads.models import ConsentEvent, Lead, Source
from leads.normalise import searchable

_STAGES = {"lost": Stage.RECYCLED}


def record_told(
    told: Iterable[tuple[int, Row]],
    batch: Import,
    *,
    kinds: Mapping[str, int],
    contents: Mapping[str, int],
    now: datetime,
) -> Counter[str]:
    """Write what these rows tell of the leads before them; how many of each came in or were left out."""
    pairs = list(told)
    counts: Counter[str] = Counter()
    _record_consents(pairs, batch, counts, now)
    _record_events(pairs, batch, kinds=kinds, contents=contents, counts=counts, now=now)
    _record_endings(pairs, counts, now)
    return counts


def _record_consents(
    pairs: list[tuple[int, Row]], batch: Import, counts: Counter[str], now: datetime
) -> None:
    """A "yes" needs its date and its proof (RGPD, article 7): without them nothing is written down, so that
    nobody is written to on its strength. A "no" always counts."""
    rows: list[ConsentEvent] = []
    for lead_id, row in pairs:
        for consent in row.consents:
            if consent.is_granted and not (consent.at and consent.proof):
                counts["consents_without_proof"] += 1
                continue
            rows.append(_consent(lead_id, consent, batch))
    known = _known_consents(rows)
    fresh = [row for row in rows if _said(row) not in known]
    counts["consents"] += len(fresh)
    ConsentEvent.objects.bulk_create(fresh)
    record_events(
        [
            new_event(
                lead_id=row.lead_id,
                kind_id=BY_CODE[
                    "consent_given" if row.state == ConsentState.GRANTED else "consent_withdrawn"
                ].id,
                occurred_at=row.at,
                source_id=Source.IMPORT,
                event_id=f"consent:{row.pk}",
                properties={"purpose": row.purpose, "channel": row.channel, "state": row.state},
                wakes=False,
            )
            for row in fresh
        ],
        now=now,
    )


def _consent(lead_id: int, consent: Consent, batch: Import) -> ConsentEvent:
    return ConsentEvent(
        lead_id=lead_id,
        purpose=consent.purpose.value,
        channel=consent.channel.value,
        state=(ConsentState.GRANTED if consent.is_granted else ConsentState.DENIED).value,
        at=consent.at or batch.started_at or batch.created_at,
        text_version=consent.proof[:64],
        page_url=consent.proof[:500] if consent.proof.startswith(("http://", "https://")) else "",
        actor=f"import:{batch.public_id}",
    )


def _said(row: ConsentEvent) -> tuple[object, ...]:
    return row.lead_id, row.purpose, row.channel, row.state, row.at


def _known_consents(rows: list[ConsentEvent]) -> set[tuple[object, ...]]:
    """What the ledger says already: the same file twice adds nothing."""
    before = ConsentEvent.objects.filter(lead_id__in={row.lead_id for row in rows})
    return {_said(row) for row in before} if rows else set()


def _record_events(
    pairs: list[tuple[int, Row]],
    batch: Import,
    *,
    kinds: Mapping[str, int],
    contents: Mapping[str, int],
    counts: Counter[str],
    now: datetime,
) -> None:
    """Past events; they start no track, whatever their age, unless the import was asked to."""
    events = []
    for lead_id, row in pairs:
        if row.happening is None:
            continue
        content = contents.get(searchable(row.happening.content)) if row.happening.content else None
        if row.happening.content and content is None:
            counts["contents_unknown"] += 1
        events.append(
            new_event(
                lead_id=lead_id,
                kind_id=kinds[row.happening.kind],
                occurred_at=row.happening.at,
                source_id=Source.IMPORT,
                event_id=f"import:{batch.sha256[:32]}:{row.line}",
                content_id=content,
                channel=row.channel or batch.channel,
                properties={"note": row.happening.note} if row.happening.note else {},
                wakes=False,
            )
        )
    record_events(events, now=now) if events else None
    counts["events"] += len(events)


def _record_endings(pairs: list[tuple[int, Row]], counts: Counter[str], now: datetime) -> None:
    """Outcomes of leads that are not in the funnel yet; the others know better where they stand."""
    ended = {lead_id: row for lead_id, row in pairs if row.ending}
    if not ended:
        return
    created = dict(Lead.objects.filter(pk__in=ended).values_list("pk", "created_at"))
    owners = User.objects.in_bulk([row.owner_id for row in ended.values() if row.owner_id])
    reasons = {reason.code: reason for reason in Reason.objects.all()}
    outcomes = []
    for lead_id, row in ended.items():
        assert row.ending is not None
        owner = owners.get(row.owner_id) if row.owner_id else None
        outcomes.append(_outcome(lead_id, row.ending, created[lead_id], owner, reasons))
    done = record_outcomes(outcomes, now=now)
    counts["outcomes"] += done.recorded
    counts["outcomes_left"] += done.skipped


def _outcome(
    lead_id: int, ending: Ending, created: datetime, owner: User | None, reasons: Mapping[str, Reason]
) -> ImportedOutcome:
    reason = reasons.get(ending.reason)
    stage = _STAGES.get(ending.state) or Stage(ending.state)
    if ending.state == "lost" and reason is not None and reason.lands_on:
        stage = Stage(reason.lands_on)
    at = ending.at or created
    return ImportedOutcome(
        lead_id,
        min(created, at),
        stage,
        at,
        accepted_by=owner,
        product=ending.product,
        amount=ending.amount,
        reason=reason,
    )
