from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """The pages that look across the apps; it has no models."""

    name = "dashboard"
