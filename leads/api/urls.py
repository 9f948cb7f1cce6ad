"""The API's addresses that leads answers; scoring and funnel add theirs (config/urls.py)."""

from django.urls import path

from leads.api.event_views import receive_events

app_name = "leads_api"
urlpatterns = [
    path("events/", receive_events, name="events"),
]
