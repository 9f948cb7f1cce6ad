"""Every address of Écluse."""

from django.contrib import admin
from django.urls import include, path

from leads.api.health import livez, readyz

urlpatterns = [
    path("", include("dashboard.urls")),
    path("", include("capture.urls")),
    path("", include("funnel.urls")),
    path("", include("nurturing.urls")),
    path("", include("scoring.urls")),
    path("", include("leads.urls")),
    path("api/v1/", include("leads.api.urls")),
    path("api/v1/", include("capture.api.urls")),
    path("api/v1/", include("scoring.api")),
    path("api/v1/", include("scoring.api_rules")),
    path("api/v1/", include("funnel.api.urls")),
    path("api/v1/", include("dashboard.api")),
    path("livez", livez),
    path("readyz", readyz),
    path("i18n/", include("django.conf.urls.i18n")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
]
