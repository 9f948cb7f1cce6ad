"""The addresses of sales."""

from django.urls import path

from funnel.views import checklist, inbox, my_leads, undoing

app_name = "funnel"
urlpatterns = [
    path("decisions/<int:passage_id>/undo/", undoing.undo_passage, name="undo"),
    path("inbox/", inbox.show_inbox, name="inbox"),
    path("inbox/<int:offer_id>/", inbox.show_offer, name="offer"),
    path("inbox/<int:offer_id>/accept/", inbox.accept, name="accept"),
    path("inbox/<int:offer_id>/return/", inbox.return_offer, name="return"),
    path("inbox/<int:offer_id>/disqualify/", inbox.disqualify_offer, name="disqualify"),
    path("inbox/<int:offer_id>/research/", inbox.research, name="research"),
    path("my-leads/", my_leads.show_list, name="my_leads"),
    path("my-leads/<uuid:public_id>/", my_leads.show_lead, name="my_lead"),
    path("my-leads/<uuid:public_id>/checklist/", checklist.checklist, name="checklist"),
    path("my-leads/<uuid:public_id>/qualify/", my_leads.qualify, name="qualify"),
    path("my-leads/<uuid:public_id>/win/", my_leads.win, name="win"),
    path("my-leads/<uuid:public_id>/lose/", my_leads.lose, name="lose"),
    path("my-leads/<uuid:public_id>/refer/", my_leads.refer, name="refer"),
    path("my-leads/<uuid:public_id>/return/", my_leads.return_lead, name="return_lead"),
    path("my-leads/<uuid:public_id>/disqualify/", my_leads.disqualify_lead, name="disqualify_lead"),
]
