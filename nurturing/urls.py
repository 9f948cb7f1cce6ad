from django.urls import path

from nurturing.views import UnsubscribeView

app_name = "nurturing"
urlpatterns = [path("u/<str:token>", UnsubscribeView.as_view(), name="unsubscribe")]
