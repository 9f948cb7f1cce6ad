"""What sales decided, for scoring."""

from __future__ import annotations

from django.db import migrations

# What the funnel knows becomes a fact of the lead: where it stands, and how it came there.
_STAGES = """
UPDATE leads_lead AS lead SET stage = standing.stage FROM funnel_standing AS standing
WHERE standing.lead_id = lead.id AND lead.stage <> standing.stage
"""
_HISTORY = """
INSERT INTO leads_profilechange (lead_id, field, old, new, origin, at, by_id)
SELECT lead_id, 'stage', to_jsonb(from_stage), to_jsonb(to_stage), 'deduced', at, actor_id
FROM funnel_passage
WHERE from_stage <> '' AND from_stage <> to_stage AND merged_from IS NULL ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("funnel", "0002_merges"), ("leads", "0009_stage")]
    operations = [
        migrations.RunSQL([_STAGES, _HISTORY], migrations.RunSQL.noop),
    ]
