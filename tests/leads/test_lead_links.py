"""Every table says what merging and erasing do to it (privacy bar 5.6, fault F47)."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import models

from leads.lead_links import NOBODY, OTHER_MAKERS, REGISTRY, LeadLink, OnErase, OnMerge, lead_links, link_of
from leads.models import Company, Lead

OWN = [model for model in apps.get_models() if model._meta.app_label not in OTHER_MAKERS]
# Django's own columns of a table between two others.
BETWEEN = [model for model in apps.get_models(include_auto_created=True) if model._meta.auto_created]


def keys_to(model: type[models.Model], target: type[models.Model]) -> set[str]:
    return {
        field.name
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is target
    }


def names_a_lead_without_a_key(model: type[models.Model]) -> bool:
    """A number that is a lead's id, as the agenda has it."""
    return "lead_id" in {field.name for field in model._meta.concrete_fields}


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_every_model_declares_what_merging_and_erasing_do(model: type[models.Model]) -> None:
    assert (model in REGISTRY) != (model in NOBODY), (
        f"{model._meta.label}: declare @lead_link(merge=…, erase=…) or @about_nobody (leads/lead_links.py)"
    )


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_a_key_to_a_lead_or_a_company_is_declared_by_name(model: type[models.Model]) -> None:
    leads, companies = keys_to(model, Lead), keys_to(model, Company)
    if model is Lead:
        assert link_of(model)
        assert companies == {"company"}
        return
    declared = REGISTRY.get(model)
    if leads or names_a_lead_without_a_key(model):
        assert declared
        assert declared.key in leads | {"lead_id"}
        assert declared.merge is not OnMerge.NOTHING
    if companies:
        assert declared
        assert {declared.company_key} == companies


@pytest.mark.parametrize("model", BETWEEN, ids=lambda model: model._meta.label)
def test_no_table_between_two_others_names_a_lead(model: type[models.Model]) -> None:
    """Memberships of leads have a model of their own, which declares."""
    assert not keys_to(model, Lead)


@pytest.mark.parametrize(
    ("model", "link"), lead_links(), ids=lambda value: value._meta.label if isinstance(value, type) else ""
)
def test_the_fields_to_blank_exist_and_take_the_blank(model: type[models.Model], link: LeadLink) -> None:
    for name, value in link.blank.items():
        field = model._meta.get_field(name)
        assert value is not None or field.null, f"{model._meta.label}.{name} takes no NULL"


def test_a_declaration_that_says_too_little_is_refused() -> None:
    with pytest.raises(ValueError, match="combines"):
        LeadLink(OnMerge.COMBINE, OnErase.DELETE, "lead")
    with pytest.raises(ValueError, match="blank"):
        LeadLink(OnMerge.MOVE, OnErase.ANONYMISE, "lead")
    with pytest.raises(ValueError, match="why"):
        LeadLink(OnMerge.MOVE, OnErase.KEEP, "lead")
