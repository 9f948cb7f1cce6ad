"""The addresses of the parts of a rule set that have a page of their own."""

from __future__ import annotations

from django.urls import URLPattern, path

from scoring.sections import gates, matrix, personas, templates

urlpatterns: list[URLPattern] = [
    path("scoring/templates/", templates.templates, name="templates"),
    path("scoring/templates/<slug:code>/", templates.one_template, name="template"),
    path("scoring/start/", templates.start, name="start"),
    path("scoring/drafts/<int:draft_id>/personas/", personas.personas, name="personas"),
    path("scoring/drafts/<int:draft_id>/personas/save/", personas.save_persona, name="save_persona"),
    path("scoring/drafts/<int:draft_id>/personas/trait/", personas.save_trait, name="save_trait"),
    path(
        "scoring/drafts/<int:draft_id>/personas/<slug:verb>/",
        personas.change_personas,
        name="change_personas",
    ),
    path("scoring/drafts/<int:draft_id>/matrix/", matrix.matrix, name="matrix"),
    path("scoring/drafts/<int:draft_id>/matrix/picture/", matrix.picture, name="matrix_picture"),
    path(
        "scoring/drafts/<int:draft_id>/matrix/save/<slug:section>/", matrix.save_section, name="matrix_save"
    ),
    path("scoring/drafts/<int:draft_id>/gates/", gates.gates, name="gates"),
    path(
        "scoring/drafts/<int:draft_id>/gates/<slug:gate>/<slug:verb>/", gates.change_gate, name="change_gate"
    ),
    path("scoring/drafts/<int:draft_id>/steps/<slug:table>/<slug:verb>/", matrix.change_steps, name="steps"),
]
