"""The addresses of the pages that look across the apps."""

from django.urls import path

from dashboard.styleguide import styleguide
from dashboard.views.home import index
from dashboard.views.lead import edit_profile, lead
from dashboard.views.leads import leads, palette
from dashboard.views.messages import messages
from dashboard.views.report import funnel
from dashboard.views.scoring import scoring

app_name = "dashboard"
urlpatterns = [
    path("", index, name="home"),
    path("leads/", leads, name="leads"),
    path("leads/<uuid:public_id>/", lead, name="lead"),
    path("leads/<uuid:public_id>/profile/", edit_profile, name="edit_profile"),
    path("funnel/", funnel, name="funnel"),
    path("messages/", messages, name="messages"),
    path("palette/", palette, name="palette"),
    path("scoring/", scoring, name="scoring"),
    path("styleguide/", styleguide, name="styleguide"),
]
