"""The API's addresses that capture answers."""

from django.urls import path

from capture.api.forms import FormSubmissionsView, FormView

app_name = "capture_api"
urlpatterns = [
    path("forms/<slug:slug>/", FormView.as_view(), name="form"),
    path("forms/<slug:slug>/submissions/", FormSubmissionsView.as_view(), name="form_submissions"),
]
