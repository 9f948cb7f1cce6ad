"""The API's addresses that leads answers; scoring and funnel add theirs (config/urls.py)."""

from django.contrib.auth.decorators import login_required
from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from leads.api.consent_views import LeadConsentsView
from leads.api.event_views import receive_events
from leads.api.tracker_views import PingView, WithdrawView
from leads.api.views import LeadEventsView, LeadsView, LeadView
from leads.api.webhook_views import WebhooksView, WebhookTestView, WebhookView

app_name = "leads_api"
# Its own template, and the script in a response of its own: the browser policy allows nothing inline.
DOCS = SpectacularSwaggerSplitView.as_view(url_name="leads_api:schema", template_name="leads/api_docs.html")
urlpatterns = [
    path("leads/", LeadsView.as_view(), name="leads"),
    path("leads/<uuid:public_id>/", LeadView.as_view(), name="lead"),
    path("leads/<uuid:public_id>/events/", LeadEventsView.as_view(), name="lead_events"),
    path("leads/<uuid:public_id>/consents/", LeadConsentsView.as_view(), name="lead_consents"),
    path("webhooks/", WebhooksView.as_view(), name="webhooks"),
    path("webhooks/<uuid:public_id>/", WebhookView.as_view(), name="webhook"),
    path("webhooks/<uuid:public_id>/test/", WebhookTestView.as_view(), name="webhook_test"),
    path("events/", receive_events, name="events"),
    path("tracker/withdraw/", WithdrawView.as_view(), name="tracker_withdraw"),
    path("tracker/ping/", PingView.as_view(), name="tracker_ping"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", login_required(DOCS), name="docs"),
]
