"""The addresses of capture: its pages, and what visitors of sites meet."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "capture"
urlpatterns: list[URLPattern] = []
