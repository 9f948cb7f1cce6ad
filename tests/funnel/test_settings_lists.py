"""The lists of qualification and partners cost the same however long they are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from funnel.models import ChecklistItem, ConversionGoal, Product, Referral
from leads.kinds import BY_CODE
from tests.funnel.test_inbox import statements

pytestmark = pytest.mark.django_db

LISTS = ["settings/checklist", "settings/products", "settings/goals", "settings/partners", "referrals"]


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("page", LISTS)
def test_each_list_costs_three_queries(client, make_user, make_lead, make_partner, page, rows):
    manager = make_user("manager")
    for number in range(rows):
        ChecklistItem.objects.create(
            code=f"item_{number}", label_fr=f"Point {number}", label_en=f"Item {number}"
        )
        Product.objects.create(label_fr=f"Produit {number}")
        ConversionGoal.objects.create(kind_id=BY_CODE["trial_started"].id)
        values = {"lead": make_lead(), "partner": make_partner(), "by": manager}
        Referral.objects.create(**values, at=timezone.now(), notice_due_at=timezone.now())
    client.force_login(manager)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(f"/{page}/").status_code == 200
    assert len(statements(queries)) == 3
