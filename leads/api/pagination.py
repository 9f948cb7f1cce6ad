"""Keyset pages: deep pages cost the same as the first, and no count is ever taken."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class KeysetPages(CursorPagination):
    """Cursor pages whose links are built from the configured address, never from the Host header."""

    page_size = 50
    max_page_size = 200
    page_size_query_param = "limit"
    cursor_query_param = "cursor"

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any] | None:
        """The page; next and previous are ready to be called, or null."""
        page: list[Any] | None = super().paginate_queryset(queryset, request, view)
        self.base_url = settings.SITE_URL + request.get_full_path()
        return page


class LeadPages(KeysetPages):
    """Leads by creation, newest first; ?ordering=created_at turns it round."""

    def get_ordering(self, request: Request, queryset: Any, view: Any) -> tuple[str, ...]:
        """The index lead_created, one way or the other."""
        if request.query_params.get("ordering") == "created_at":
            return ("created_at", "id")
        return ("-created_at", "-id")


class EventPages(KeysetPages):
    """Events by the time they happened, newest first."""

    ordering = ("-occurred_at", "-id")


class ConsentPages(KeysetPages):
    """The ledger, newest first."""

    ordering = ("-at", "-id")
