"""The API's addresses that capture answers."""

from django.urls import path

from capture.api.forms import FormSubmissionsView, FormView
from capture.api.imports import ImportRejectsView, ImportsView, ImportView

app_name = "capture_api"
urlpatterns = [
    path("imports/", ImportsView.as_view(), name="imports"),
    path("imports/<uuid:public_id>/", ImportView.as_view(), name="import"),
    path("imports/<uuid:public_id>/rejects", ImportRejectsView.as_view(), name="import_rejects"),
    path("forms/<slug:slug>/", FormView.as_view(), name="form"),
    path("forms/<slug:slug>/submissions/", FormSubmissionsView.as_view(), name="form_submissions"),
]
