"""Reading the tables of nurturing; writing goes through the actions."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from nurturing.models import (
    Enrolment,
    MailSettings,
    Message,
    MessageDecision,
    SendingDomain,
    Template,
    Track,
    TrackStep,
)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Look, do not touch."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nothing is added here."""
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        """Nothing is changed here."""
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: object = None) -> bool:
        """Nothing is deleted here."""
        return False


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """The message log."""

    list_display = ("send_key", "lead", "purpose", "state", "reason", "due_at", "sent_at", "attempts")
    list_filter = ("state", "purpose")
    list_select_related = ("lead",)
    search_fields = ("send_key", "message_id")
    show_full_result_count = False


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    """Who is in which track."""

    list_display = ("lead", "track", "entry_key", "entered_at", "position", "rounds", "ended_at", "ending")
    list_filter = ("track", "ending")
    list_select_related = ("lead", "track")
    show_full_result_count = False


class TrackStepInline(admin.TabularInline):  # type: ignore[type-arg]
    """The steps of a track."""

    model = TrackStep
    extra = 0
    can_delete = False


@admin.register(Track)
class TrackAdmin(ReadOnlyAdmin):
    """The tracks with their steps."""

    list_display = ("name", "code", "priority", "is_active")
    inlines = (TrackStepInline,)


@admin.register(Template)
class TemplateAdmin(ReadOnlyAdmin):
    """The versions of each template."""

    list_display = ("code", "language", "version", "subject", "saved_at")
    list_filter = ("language",)
    exclude = ("compiled_html", "compiled_text")


@admin.register(MessageDecision)
class MessageDecisionAdmin(ReadOnlyAdmin):
    """Who decided what about unknown messages."""

    list_display = ("message", "verdict", "at", "by", "note")
    list_select_related = ("message", "by")


@admin.register(SendingDomain)
class SendingDomainAdmin(ReadOnlyAdmin):
    """What is paused, and why."""

    list_display = ("domain", "paused_until", "failures", "closed_until", "why")


@admin.register(MailSettings)
class MailSettingsAdmin(ReadOnlyAdmin):
    """How this site writes to people."""

    list_display = ("organisation", "preset", "sender_name", "sender_email", "most_a_day", "most_a_week")
