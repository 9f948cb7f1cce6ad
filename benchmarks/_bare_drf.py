"""The peer of ingest_single: a bare ModelSerializer view of Django REST framework on the events table.

Nothing else: no middleware, no authentication, no limit, no duplicate check, no lead looked up.
"""

from __future__ import annotations

import os
from typing import Any, ClassVar

import environ
from django.conf import settings

settings.configure(
    SECRET_KEY="bare",
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": environ.Env().db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 300}},
    INSTALLED_APPS=["rest_framework"],
    MIDDLEWARE=[],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_PERMISSION_CLASSES": [],
        "UNAUTHENTICATED_USER": None,
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    },
)

import django  # noqa: E402

django.setup()

from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import models  # noqa: E402
from django.urls import path  # noqa: E402
from rest_framework import generics, serializers  # noqa: E402


class Event(models.Model):
    """The events table as it is."""

    id = models.BigAutoField(primary_key=True)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)
    lead_id = models.BigIntegerField(null=True)
    content_id = models.BigIntegerField(null=True)
    signature_id = models.IntegerField(default=1)
    kind_id = models.SmallIntegerField()
    source_id = models.SmallIntegerField(default=100)
    channel = models.CharField(max_length=16, blank=True)
    event_id = models.CharField(max_length=120)
    properties = models.JSONField(default=dict)

    class Meta:
        app_label = "bare"
        db_table = "leads_event"
        managed = False

    def __str__(self) -> str:
        return self.event_id


class EventSerializer(serializers.ModelSerializer[Event]):
    """All that a client sends."""

    class Meta:
        model = Event
        fields: ClassVar = [
            "event_id",
            "kind_id",
            "occurred_at",
            "lead_id",
            "content_id",
            "channel",
            "properties",
        ]


class EventView(generics.CreateAPIView[Event]):
    """POST one event."""

    queryset: Any = Event.objects.all()
    serializer_class = EventSerializer


urlpatterns = [path("events/", EventView.as_view())]
application = get_wsgi_application()
