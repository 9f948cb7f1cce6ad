"""The addresses of the settings about leads."""

from django.urls import path

from leads.views.custom_fields import arrange_custom_field, custom_field, custom_fields
from leads.views.webhooks import act_on_webhook, edit_webhook, new_webhook, webhooks

app_name = "leads"
urlpatterns = [
    path("settings/fields/", custom_fields, name="custom_fields"),
    path("settings/fields/new/", custom_field, name="new_custom_field"),
    path("settings/fields/<int:field_id>/", custom_field, name="custom_field"),
    path("settings/fields/<int:field_id>/arrange/", arrange_custom_field, name="arrange_custom_field"),
    path("settings/webhooks/", webhooks, name="webhooks"),
    path("settings/webhooks/new/", new_webhook, name="new_webhook"),
    path("settings/webhooks/<uuid:webhook>/", edit_webhook, name="webhook"),
    path("settings/webhooks/<uuid:webhook>/act/", act_on_webhook, name="act_on_webhook"),
]
