"""The addresses of sales."""

from django.urls import include, path

from funnel.meeting_links import PATH
from funnel.views import (
    checklist,
    deciding,
    duplicates,
    inbox,
    invitations,
    meetings,
    my_leads,
    notes,
    social,
    undoing,
    work,
)

app_name = "funnel"
urlpatterns = [
    path("decisions/<int:passage_id>/undo/", undoing.undo_passage, name="undo"),
    path("inbox/", inbox.show_inbox, name="inbox"),
    path("inbox/<int:offer_id>/", inbox.show_offer, name="offer"),
    path("inbox/<int:offer_id>/ahead/", inbox.show_ahead, name="ahead"),
    path("inbox/<int:offer_id>/accept/", deciding.accept, name="accept"),
    path("inbox/<int:offer_id>/return/", deciding.return_offer, name="return"),
    path("inbox/<int:offer_id>/disqualify/", deciding.disqualify_offer, name="disqualify"),
    path("inbox/<int:offer_id>/research/", deciding.research, name="research"),
    path("inbox/<int:offer_id>/snooze/", deciding.snooze, name="snooze"),
    path("inbox/<int:offer_id>/unsnooze/", deciding.unsnooze, name="unsnooze"),
    path("inbox/<int:offer_id>/duplicates/", duplicates.duplicates, name="duplicates"),
    path("my-leads/", my_leads.show_list, name="my_leads"),
    path("my-leads/<uuid:public_id>/", my_leads.show_lead, name="my_lead"),
    path("my-leads/<uuid:public_id>/checklist/", checklist.checklist, name="checklist"),
    path("my-leads/<uuid:public_id>/work/", work.show_work, name="work"),
    path("my-leads/<uuid:public_id>/call/", work.log_call, name="log_call"),
    path("my-leads/<uuid:public_id>/task/", work.add_task, name="add_task"),
    path("my-leads/<uuid:public_id>/note/", notes.add_note, name="add_note"),
    path("tasks/<int:task_id>/done/", work.complete_task, name="complete_task"),
    path("tasks/<int:task_id>/later/", work.postpone_task, name="postpone_task"),
    path("notes/<int:note_id>/", notes.edit_note, name="edit_note"),
    path("notes/<int:note_id>/delete/", notes.delete_note, name="delete_note"),
    path("my-leads/<uuid:public_id>/qualify/", my_leads.qualify, name="qualify"),
    path("my-leads/<uuid:public_id>/win/", my_leads.win, name="win"),
    path("my-leads/<uuid:public_id>/lose/", my_leads.lose, name="lose"),
    path("my-leads/<uuid:public_id>/refer/", my_leads.refer, name="refer"),
    path("my-leads/<uuid:public_id>/return/", my_leads.return_lead, name="return_lead"),
    path("my-leads/<uuid:public_id>/disqualify/", my_leads.disqualify_lead, name="disqualify_lead"),
    path("my-leads/<uuid:public_id>/meetings/", meetings.propose, name="propose_meeting"),
    path("meetings/<uuid:public_id>/move/", meetings.move, name="move_meeting"),
    path("meetings/<uuid:public_id>/cancel/", meetings.cancel, name="cancel_meeting"),
    path("meetings/<uuid:public_id>/close/", meetings.close, name="close_meeting"),
    path("my-leads/<uuid:public_id>/messages/", social.log_message, name="log_social"),
    path("my-leads/<uuid:public_id>/profiles/", social.add_profile, name="add_profile"),
    path(f"{PATH}<str:token>/", invitations.InvitationView.as_view(), name="invitation"),
    path("", include("funnel.qualification_urls")),
]
