"""Having imported leads scored, as many at a time as the pipeline can take."""

from __future__ import annotations

from django.db import connection, transaction

from capture.models import Import
from capture.sql import TO_WAKE
from leads.actions.agenda import wake
from leads.models import Wake

PORTION = 1000


@transaction.atomic
def wake_some(batch: Import) -> bool:
    """Put the next leads on the agenda unless enough wait there; whether all of this import were."""
    if Wake.objects.all()[: PORTION + 1].count() > PORTION:
        return False
    batch = Import.objects.select_for_update().get(pk=batch.pk)
    with connection.cursor() as cursor:
        cursor.execute(TO_WAKE, [batch.pk, batch.woken_line, PORTION])
        rows = cursor.fetchall()
    if not rows:
        return True
    wake(lead for _line, lead in rows)
    batch.woken_line = rows[-1][0]
    batch.save(update_fields=["woken_line"])
    return len(rows) < PORTION
