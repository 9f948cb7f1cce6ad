"""Which leads are nobody to be found any more: for those who remember leads by their number."""

from __future__ import annotations

import pgtrigger
from django.db import models

from leads.lead_links import OnErase, OnMerge, lead_link

# Kept by triggers on leads_lead, so that nobody who merges, erases or takes back has to think of it.
NOTE_GONE = """
IF TG_OP = 'DELETE' THEN
    INSERT INTO leads_gonelead (lead_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;
ELSIF NEW.merged_into_id IS NULL AND NEW.erased_at IS NULL THEN
    DELETE FROM leads_gonelead WHERE lead_id = NEW.id;
ELSE
    INSERT INTO leads_gonelead (lead_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;
END IF;
RETURN NULL;
"""
KEEP_GONE = (
    pgtrigger.Trigger(
        name="note_gone",
        when=pgtrigger.After,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("merged_into", "erased_at"),
        func=NOTE_GONE,
    ),
    pgtrigger.Trigger(name="note_deleted", when=pgtrigger.After, operation=pgtrigger.Delete, func=NOTE_GONE),
)


@lead_link(
    merge=OnMerge.STAY,
    erase=OnErase.KEEP,
    key="lead_id",
    why="the number of a lead that is gone; says nothing of anybody",
)
class GoneLead(models.Model):
    """A lead that was merged into another, erased or deleted. Events that come in look here, in the very
    transaction that stores them, whether a lead they remember still is one."""

    lead_id = models.BigIntegerField(primary_key=True)

    def __str__(self) -> str:
        return str(self.lead_id)
