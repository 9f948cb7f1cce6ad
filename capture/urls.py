"""The addresses of capture: its pages, and what visitors of sites meet."""

from __future__ import annotations

from django.urls import URLPattern, path

from capture.views import (
    boxes,
    builder,
    channel_rules,
    consents,
    contents,
    forms,
    imports,
    preview,
    public_forms,
    public_links,
    public_scripts,
    public_tracker,
    questions,
    quick_entry,
    settings,
    share,
    sources,
    submissions,
    tracker,
)

app_name = "capture"

_FORMS: list[URLPattern] = [
    path("capture/forms/", forms.forms, name="forms"),
    path("capture/forms/new/", forms.new_form, name="new_form"),
    path("capture/forms/<slug:slug>/", builder.builder, name="builder"),
    path("capture/forms/<slug:slug>/act/<slug:verb>/", forms.act, name="form_act"),
    path("capture/forms/<slug:slug>/questions/add/", questions.add, name="add_question"),
    path("capture/forms/<slug:slug>/questions/order/", questions.order, name="order_questions"),
    path("capture/forms/<slug:slug>/questions/put-back/", questions.put_back, name="put_back"),
    path("capture/forms/<slug:slug>/questions/<int:pk>/", questions.question, name="question"),
    path("capture/forms/<slug:slug>/questions/<int:pk>/move/", questions.move, name="move_question"),
    path("capture/forms/<slug:slug>/questions/<int:pk>/remove/", questions.remove, name="remove_question"),
    path("capture/forms/<slug:slug>/consents/", boxes.consents, name="form_consents"),
    path("capture/forms/<slug:slug>/consents/change/", boxes.change, name="change_box"),
    path("capture/forms/<slug:slug>/settings/", settings.settings, name="form_settings"),
    path("capture/forms/<slug:slug>/settings/<slug:section>/", settings.section, name="form_section"),
    path("capture/forms/<slug:slug>/share/", share.share, name="form_share"),
    path("capture/forms/<slug:slug>/preview/", preview.preview, name="form_preview"),
    path("capture/forms/<slug:slug>/submissions/", submissions.submission_list, name="form_submissions"),
    path("capture/forms/<slug:slug>/submissions/export/", submissions.export, name="export_form"),
    path("capture/submissions/", submissions.submission_list, name="submissions"),
    path("capture/submissions/export/", submissions.export, name="export"),
    path("capture/submissions/sift/", submissions.sift, name="sift"),
    path("capture/submissions/<uuid:public_id>/", submissions.submission, name="submission"),
    path("capture/submissions/<uuid:public_id>/take/", submissions.take, name="take_submission"),
    path("capture/consents/", consents.consents, name="consents"),
    path("capture/consents/new/", consents.wording, name="new_wording"),
    path("capture/consents/<int:pk>/", consents.wording, name="next_wording"),
    path("capture/content/", contents.contents, name="content"),
    path("capture/content/new/", contents.content, name="new_content"),
    path("capture/content/<slug:code>/", contents.content, name="content_piece"),
]

# What strangers meet: no sign-in, no cookie.
_PUBLIC: list[URLPattern] = [
    path("f/<slug:slug>/", public_forms.form_page, name="form"),
    path("f/<slug:slug>/embed/", public_forms.embedded_form, name="embed"),
    path("f/<slug:slug>/thanks/<str:token>/", public_forms.thanks, name="thanks"),
    path("f/<slug:slug>/embed/thanks/<str:token>/", public_forms.embedded_thanks, name="embedded_thanks"),
    path("f/<slug:slug>/challenge/", public_forms.challenge, name="challenge"),
    path("f/<slug:slug>/qr.svg", public_scripts.qr_code, name="form_qr"),
    path("c/<str:token>/", public_links.confirm_address, name="confirm"),
    path("d/<str:token>/", public_links.download, name="download"),
    path("embed.js", public_scripts.embed_script, name="embed_script"),
]

_TRACKER: list[URLPattern] = [
    path("capture/tracker/", tracker.tracker, name="tracker"),
    path("capture/tracker/new/", tracker.new_site, name="new_site"),
    path("capture/tracker/<int:source>/", tracker.site, name="site"),
    path("capture/sources/", sources.sources, name="sources"),
    path("capture/sources/costs/", sources.costs, name="costs"),
    path("capture/sources/costs/paste/", sources.paste_costs, name="paste_costs"),
    path("capture/sources/campaigns/", sources.campaigns, name="campaigns"),
    path("capture/sources/campaigns/new/", sources.campaign, name="new_campaign"),
    path("capture/sources/campaigns/<int:pk>/", sources.campaign, name="campaign"),
    path("capture/sources/rules/", channel_rules.rules, name="channel_rules"),
    path("capture/sources/rules/new/", channel_rules.rule, name="new_channel_rule"),
    path("capture/sources/rules/past/", channel_rules.past, name="channel_past"),
    path("capture/sources/rules/restore/", channel_rules.restore, name="restore_channel_rules"),
    path("capture/sources/rules/<int:pk>/", channel_rules.rule, name="channel_rule"),
    path("capture/sources/rules/<int:pk>/act/<slug:verb>/", channel_rules.act, name="channel_rule_act"),
    path("capture/sources/runs/<int:pk>/undo/", channel_rules.undo, name="undo_channel_run"),
    path("ecluse.js", public_tracker.tracker_script, name="tracker_script"),
    path("api/v1/tracker/<str:key>/config", public_tracker.tracker_config, name="tracker_config"),
]

_IMPORTS: list[URLPattern] = [
    path("capture/imports/", imports.imports, name="imports"),
    path("capture/imports/new/", imports.new_import, name="new_import"),
    path("capture/imports/sample.csv", imports.sample, name="import_sample"),
    path("capture/imports/<uuid:public_id>/", imports.one_import, name="import"),
    path("capture/imports/<uuid:public_id>/columns/", imports.columns, name="import_columns"),
    path("capture/imports/<uuid:public_id>/options/", imports.options, name="import_options"),
    path("capture/imports/<uuid:public_id>/act/<slug:verb>/", imports.act, name="import_act"),
    path("capture/imports/<uuid:public_id>/revert/", imports.revert, name="import_revert"),
    path("capture/imports/<uuid:public_id>/rows/", imports.rows, name="import_rows"),
    path("capture/imports/<uuid:public_id>/rejects.csv", imports.rejects, name="import_rejects"),
]

_QUICK: list[URLPattern] = [
    path("capture/quick/", quick_entry.quick_entry, name="quick_entry"),
    path("capture/quick/occasion/", quick_entry.new_occasion, name="new_occasion"),
    path("capture/quick/sw.js", quick_entry.worker, name="quick_worker"),
]

urlpatterns: list[URLPattern] = [*_QUICK, *_FORMS, *_IMPORTS, *_TRACKER, *_PUBLIC]
