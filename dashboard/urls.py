"""The addresses of the pages that look across the apps."""

from django.urls import path

from dashboard.styleguide import styleguide
from dashboard.views.leads import leads, palette

app_name = "dashboard"
urlpatterns = [
    path("leads/", leads, name="leads"),
    path("palette/", palette, name="palette"),
    path("styleguide/", styleguide, name="styleguide"),
]
