"""Desks, reasons and checklist in the administration. Standings, passages and offers have their own pages."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from funnel.actions.desks import desk_changed
from funnel.models import ChecklistItem, Reason, Rep


@admin.register(Rep)
class RepAdmin(admin.ModelAdmin[Rep]):
    """Places, hours, absences."""

    list_display = (
        "__str__",
        "places",
        "offers_per_day",
        "weight",
        "is_active",
    )
    list_select_related = ("user",)
    autocomplete_fields = ("user",)

    def save_model(self, request: HttpRequest, obj: Rep, form: forms.ModelForm[Rep], change: bool) -> None:
        """Save, and have the leads looked at that this concerns."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            desk_changed(obj)

    def has_delete_permission(self, _request: HttpRequest, _obj: Rep | None = None) -> bool:
        """Never: history names them. They are made inactive."""
        return False


@admin.register(Reason)
class ReasonAdmin(admin.ModelAdmin[Reason]):
    """Reasons and their effects; one that was given is retired, not deleted."""

    list_display = (
        "code",
        "label_fr",
        "label_en",
        "verbs",
        "teaches",
        "cooldown_days",
        "is_active",
        "position",
    )
    list_editable = ("is_active", "position")

    def has_delete_permission(self, _request: HttpRequest, _obj: Reason | None = None) -> bool:
        """Never: history names them."""
        return False


@admin.register(ChecklistItem)
class ChecklistItemAdmin(admin.ModelAdmin[ChecklistItem]):
    """What has to be known before SQL."""

    list_display = ("code", "label_fr", "label_en", "is_required", "is_active", "position")
    list_editable = ("is_required", "is_active", "position")

    def has_delete_permission(self, _request: HttpRequest, _obj: ChecklistItem | None = None) -> bool:
        """Never: answers name them."""
        return False
