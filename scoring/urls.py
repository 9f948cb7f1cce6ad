"""The addresses of scoring's pages."""

from __future__ import annotations

from django.urls import URLPattern, path

from scoring.sections.urls import urlpatterns as sections
from scoring.views import change, firing, imports, overview, rules, versions

app_name = "scoring"

_VERSIONS: list[URLPattern] = [
    path("scoring/", overview.overview, name="overview"),
    path("scoring/versions/", overview.all_versions, name="versions"),
    path("scoring/compare/", versions.compare, name="compare"),
    path("scoring/import/", imports.import_rules, name="import"),
    path("scoring/drafts/new/", versions.new_draft, name="new_draft"),
]

_DRAFTS: list[URLPattern] = [
    path("scoring/drafts/<int:draft_id>/", rules.rules, name="rules"),
    path("scoring/drafts/<int:draft_id>/change/", change.change, name="change"),
    path("scoring/drafts/<int:draft_id>/fires/", firing.fires, name="fires"),
    path("scoring/drafts/<int:draft_id>/history/", versions.history, name="history"),
    path("scoring/drafts/<int:draft_id>/undo/<int:edit_id>/", versions.undo, name="undo"),
    path("scoring/drafts/<int:draft_id>/name/", versions.rename, name="rename"),
    path("scoring/drafts/<int:draft_id>/discard/", versions.discard, name="discard"),
    path("scoring/drafts/<int:draft_id>/restore/", versions.restore, name="restore"),
    path("scoring/drafts/<int:draft_id>/export.json", versions.export, name="export"),
]

urlpatterns: list[URLPattern] = [*_VERSIONS, *_DRAFTS, *sections]
