"""How events come in: the leads that are gone, for who remembers leads by their number."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("leads", "0007_consents")]
    operations: ClassVar = [
        migrations.CreateModel(
            name="GoneLead",
            fields=[
                ("lead_id", models.BigIntegerField(primary_key=True, serialize=False)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="note_gone",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition='WHEN (OLD."erased_at" IS DISTINCT FROM (NEW."erased_at") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id"))',
                    func="\nIF TG_OP = 'DELETE' THEN\n    INSERT INTO leads_gonelead (lead_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;\nELSIF NEW.merged_into_id IS NULL AND NEW.erased_at IS NULL THEN\n    DELETE FROM leads_gonelead WHERE lead_id = NEW.id;\nELSE\n    INSERT INTO leads_gonelead (lead_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;\nEND IF;\nRETURN NULL;\n",
                    hash="1f01af0b92ca3dd58c621e927f0859d7cc722826",
                    operation="UPDATE",
                    pgid="pgtrigger_note_gone_43ffb",
                    table="leads_lead",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="lead",
            trigger=pgtrigger.compiler.Trigger(
                name="note_deleted",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF TG_OP = 'DELETE' THEN\n    INSERT INTO leads_gonelead (lead_id) VALUES (OLD.id) ON CONFLICT DO NOTHING;\nELSIF NEW.merged_into_id IS NULL AND NEW.erased_at IS NULL THEN\n    DELETE FROM leads_gonelead WHERE lead_id = NEW.id;\nELSE\n    INSERT INTO leads_gonelead (lead_id) VALUES (NEW.id) ON CONFLICT DO NOTHING;\nEND IF;\nRETURN NULL;\n",
                    hash="999fcf387135b39ff53c09a5124406824df90abc",
                    operation="DELETE",
                    pgid="pgtrigger_note_deleted_b3bce",
                    table="leads_lead",
                    when="AFTER",
                ),
            ),
        ),
    ]
