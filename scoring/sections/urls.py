"""The addresses of the parts of a rule set that have a page of their own."""

from __future__ import annotations

from django.urls import URLPattern, path

from scoring.sections import templates

urlpatterns: list[URLPattern] = [
    path("scoring/templates/", templates.templates, name="templates"),
    path("scoring/templates/<slug:code>/", templates.one_template, name="template"),
    path("scoring/start/", templates.start, name="start"),
]
