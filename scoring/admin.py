"""Rule sets and scores in the admin: to be read, never to be written past the rules."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from scoring.models import LeadScore, RuleSet, ScoringRun


class ReadOnly(admin.ModelAdmin[Model]):
    """Nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds rows here."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody changes rows here."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody deletes rows here."""
        return False


@admin.register(RuleSet)
class RuleSetAdmin(ReadOnly):
    """The versions of the rules."""

    list_display = ("version", "name", "status", "published_at", "published_by")


@admin.register(LeadScore)
class LeadScoreAdmin(ReadOnly):
    """What each lead is worth."""

    list_display = ("lead_id", "grade", "level", "shown_fit", "shown_engagement", "temperature", "as_of")
    show_full_result_count = False


@admin.register(ScoringRun)
class ScoringRunAdmin(ReadOnly):
    """Passes over all leads."""

    list_display = ("day", "rules_version", "leads", "changed", "woken", "started_at", "finished_at")
