"""The addresses of the pages that look across the apps."""

from django.urls import path

from dashboard.styleguide import styleguide
from dashboard.views.companies import companies, company, edit_company, join_companies, part_companies
from dashboard.views.duplicates import duplicates, merge_leads, not_same, part
from dashboard.views.home import index
from dashboard.views.lead import edit_profile, lead
from dashboard.views.leads import leads, palette
from dashboard.views.messages import messages
from dashboard.views.report import funnel

app_name = "dashboard"
urlpatterns = [
    path("", index, name="home"),
    path("leads/", leads, name="leads"),
    path("leads/<uuid:public_id>/", lead, name="lead"),
    path("leads/<uuid:public_id>/profile/", edit_profile, name="edit_profile"),
    path("leads/<uuid:keep_id>/merge/<uuid:away_id>/", merge_leads, name="merge_leads"),
    path("merges/<uuid:public_id>/", part, name="part"),
    path("duplicates/", duplicates, name="duplicates"),
    path("duplicates/<uuid:public_id>/not-the-same/", not_same, name="not_same"),
    path("companies/", companies, name="companies"),
    path("companies/<uuid:public_id>/", company, name="company"),
    path("companies/<uuid:public_id>/profile/", edit_company, name="edit_company"),
    path("companies/<uuid:keep_id>/join/<uuid:away_id>/", join_companies, name="join_companies"),
    path("company-merges/<uuid:public_id>/undo/", part_companies, name="part_companies"),
    path("funnel/", funnel, name="funnel"),
    path("messages/", messages, name="messages"),
    path("palette/", palette, name="palette"),
    path("styleguide/", styleguide, name="styleguide"),
]
