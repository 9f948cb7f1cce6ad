"""The addresses of the funnel's API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from funnel.api import decisions, feeds, lists, offers, references, work

urlpatterns = [
    path("offers/", offers.OffersView.as_view(), name="api_offers"),
    path("offers/<int:offer_id>/", offers.OfferView.as_view(), name="api_offer"),
    path("decisions/", feeds.DecisionsView.as_view(), name="api_decisions"),
    path("outcomes/", feeds.OutcomesView.as_view(), name="api_outcomes"),
    path("reasons/", lists.ReasonsView.as_view(), name="api_reasons"),
    path("reps/", lists.RepsView.as_view(), name="api_reps"),
    path("partners/", lists.PartnersView.as_view(), name="api_partners"),
    path("checklist-items/", lists.ItemsView.as_view(), name="api_checklist_items"),
    path("references/", references.FindReferenceView.as_view(), name="api_find_reference"),
    path("leads/<uuid:public_id>/accept/", decisions.AcceptView.as_view(), name="api_accept"),
    path("leads/<uuid:public_id>/decline/", decisions.DeclineView.as_view(), name="api_decline"),
    path("leads/<uuid:public_id>/snooze/", decisions.SnoozeView.as_view(), name="api_snooze"),
    path("leads/<uuid:public_id>/take-back/", decisions.TakeBackView.as_view(), name="api_take_back"),
    path("leads/<uuid:public_id>/research/", decisions.ResearchView.as_view(), name="api_research"),
    path("leads/<uuid:public_id>/return/", decisions.ReturnView.as_view(), name="api_return"),
    path("leads/<uuid:public_id>/disqualify/", decisions.DisqualifyView.as_view(), name="api_disqualify"),
    path("leads/<uuid:public_id>/checklist/", decisions.ChecklistView.as_view(), name="api_checklist"),
    path("leads/<uuid:public_id>/qualify/", decisions.QualifyView.as_view(), name="api_qualify"),
    path("leads/<uuid:public_id>/won/", decisions.WonView.as_view(), name="api_won"),
    path("leads/<uuid:public_id>/lost/", decisions.LostView.as_view(), name="api_lost"),
    path("leads/<uuid:public_id>/refer/", decisions.ReferView.as_view(), name="api_refer"),
    path("leads/<uuid:public_id>/reopen/", decisions.ReopenView.as_view(), name="api_reopen"),
    path("leads/<uuid:public_id>/undo/", decisions.UndoView.as_view(), name="api_undo"),
    path("leads/<uuid:public_id>/calls/", work.CallView.as_view(), name="api_call"),
    path("leads/<uuid:public_id>/tasks/", work.TaskView.as_view(), name="api_task"),
    path("leads/<uuid:public_id>/messages/", work.MessageView.as_view(), name="api_message"),
    path("leads/<uuid:public_id>/meetings/", work.MeetingsView.as_view(), name="api_meetings"),
    path("leads/<uuid:public_id>/meetings/close/", work.MeetingActView.as_view(), name="api_meeting_act"),
    path("leads/<uuid:public_id>/references/", references.ReferencesView.as_view(), name="api_references"),
    path(
        "leads/<uuid:public_id>/references/<slug:system>/<slug:kind>/",
        references.ReferenceView.as_view(),
        name="api_reference",
    ),
]
