"""The addresses of the pages that look across the apps."""

from django.urls import path

from dashboard.styleguide import styleguide
from dashboard.views.alerts import alerts, delete_alert, edit_alert, new_alert
from dashboard.views.bulk import move, move_leads, moves, undo_move
from dashboard.views.companies import companies, company, edit_company, join_companies, part_companies
from dashboard.views.duplicates import duplicates, merge_leads, not_same, part
from dashboard.views.events import event, restore, verdict, void
from dashboard.views.health import count_health, health
from dashboard.views.home import index
from dashboard.views.lead import edit_profile, lead
from dashboard.views.leads import leads, palette
from dashboard.views.likelihood import lead_likelihood, likelihood
from dashboard.views.messages import messages
from dashboard.views.notifications import bell, choices, notifications, open_notification, read_all
from dashboard.views.past_decisions import add_suggestion, past_decisions
from dashboard.views.previews import (
    cancel_trial,
    preview,
    preview_export,
    preview_list,
    preview_movers,
    start_trial,
)
from dashboard.views.privacy import (
    answer,
    choose_person,
    erase_person,
    export,
    extend,
    held,
    new_request,
    one_request,
    requests,
)
from dashboard.views.publishing import publish, publishing
from dashboard.views.report import funnel
from dashboard.views.score import adjust, lead_score, next_band, withdraw
from dashboard.views.voidings import new_voiding, undo, voidings
from dashboard.views.waiting_room import show_waiting_room

app_name = "dashboard"
urlpatterns = [
    path("", index, name="home"),
    path("leads/", leads, name="leads"),
    path("leads/move/", move_leads, name="move_leads"),
    path("moves/", moves, name="moves"),
    path("moves/<uuid:public_id>/", move, name="move"),
    path("moves/<uuid:public_id>/undo/", undo_move, name="undo_move"),
    path("leads/<uuid:public_id>/", lead, name="lead"),
    path("leads/<uuid:public_id>/profile/", edit_profile, name="edit_profile"),
    path("leads/<uuid:keep_id>/merge/<uuid:away_id>/", merge_leads, name="merge_leads"),
    path("leads/<uuid:public_id>/score/", lead_score, name="lead_score"),
    path("leads/<uuid:public_id>/next-band/", next_band, name="next_band"),
    path("leads/<uuid:public_id>/adjustments/", adjust, name="adjust_score"),
    path(
        "leads/<uuid:public_id>/adjustments/<int:adjustment_id>/withdraw/",
        withdraw,
        name="withdraw_adjustment",
    ),
    path("leads/<uuid:public_id>/events/<int:event_id>/", event, name="event"),
    path("leads/<uuid:public_id>/events/<int:event_id>/void/", void, name="void_event"),
    path("leads/<uuid:public_id>/events/<int:event_id>/restore/", restore, name="restore_event"),
    path("leads/<uuid:public_id>/events/<int:event_id>/verdict/", verdict, name="event_verdict"),
    path("voidings/", voidings, name="voidings"),
    path("voidings/new/", new_voiding, name="new_voiding"),
    path("voidings/<uuid:public_id>/undo/", undo, name="undo_voiding"),
    path("notifications/", notifications, name="notifications"),
    path("notifications/bell/", bell, name="bell"),
    path("notifications/read/", read_all, name="read_notifications"),
    path("notifications/choices/", choices, name="notification_choices"),
    path("notifications/<int:notification_id>/open/", open_notification, name="open_notification"),
    path("alerts/", alerts, name="alerts"),
    path("alerts/new/", new_alert, name="new_alert"),
    path("alerts/<int:alert_id>/", edit_alert, name="edit_alert"),
    path("alerts/<int:alert_id>/delete/", delete_alert, name="delete_alert"),
    path("merges/<uuid:public_id>/", part, name="part"),
    path("duplicates/", duplicates, name="duplicates"),
    path("duplicates/<uuid:public_id>/not-the-same/", not_same, name="not_same"),
    path("companies/", companies, name="companies"),
    path("companies/<uuid:public_id>/", company, name="company"),
    path("companies/<uuid:public_id>/profile/", edit_company, name="edit_company"),
    path("companies/<uuid:keep_id>/join/<uuid:away_id>/", join_companies, name="join_companies"),
    path("company-merges/<uuid:public_id>/undo/", part_companies, name="part_companies"),
    path("funnel/", funnel, name="funnel"),
    path("capacity/waiting/", show_waiting_room, name="waiting_room"),
    path("messages/", messages, name="messages"),
    path("requests/", requests, name="requests"),
    path("requests/new/", new_request, name="new_request"),
    path("requests/<uuid:public_id>/", one_request, name="request"),
    path("requests/<uuid:public_id>/held/", held, name="request_held"),
    path("requests/<uuid:public_id>/export/", export, name="export_request"),
    path("requests/<uuid:public_id>/erase/", erase_person, name="erase_request"),
    path("requests/<uuid:public_id>/answer/", answer, name="answer_request"),
    path("requests/<uuid:public_id>/extend/", extend, name="extend_request"),
    path("requests/<uuid:public_id>/person/<uuid:lead_id>/", choose_person, name="choose_person"),
    path("palette/", palette, name="palette"),
    path("scoring/drafts/<int:draft_id>/preview/", preview, name="preview"),
    path("scoring/drafts/<int:draft_id>/preview/movers/", preview_movers, name="preview_movers"),
    path("scoring/drafts/<int:draft_id>/preview/<slug:way>/", preview_list, name="preview_list"),
    path("scoring/drafts/<int:draft_id>/preview/<slug:way>/export/", preview_export, name="preview_export"),
    path("scoring/drafts/<int:draft_id>/try/<slug:kind>/start/", start_trial, name="start_trial"),
    path("scoring/drafts/<int:draft_id>/try/<slug:kind>/cancel/", cancel_trial, name="cancel_trial"),
    path("scoring/drafts/<int:draft_id>/past-decisions/", past_decisions, name="past_decisions"),
    path("scoring/drafts/<int:draft_id>/past-decisions/add/", add_suggestion, name="add_suggestion"),
    path("scoring/drafts/<int:draft_id>/publish/", publish, name="publish"),
    path("scoring/publishing/", publishing, name="publishing"),
    path("leads/<uuid:public_id>/likelihood/", lead_likelihood, name="lead_likelihood"),
    path("scoring/likelihood/", likelihood, name="likelihood"),
    path("scoring/health/", health, name="health"),
    path("scoring/health/count/", count_health, name="count_health"),
    path("styleguide/", styleguide, name="styleguide"),
]
