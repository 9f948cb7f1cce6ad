from django.urls import path

from nurturing.tokens import PATH
from nurturing.views import UnsubscribeView

app_name = "nurturing"
urlpatterns = [path(f"{PATH}<str:token>", UnsubscribeView.as_view(), name="unsubscribe")]
