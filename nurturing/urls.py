from django.urls import path

from nurturing.preference_views import PreferencesView
from nurturing.tokens import PATH, PREFERENCES_PATH
from nurturing.views import UnsubscribeView

app_name = "nurturing"
urlpatterns = [
    path(f"{PATH}<str:token>", UnsubscribeView.as_view(), name="unsubscribe"),
    path(f"{PREFERENCES_PATH}<str:token>/", PreferencesView.as_view(), name="preferences"),
]
