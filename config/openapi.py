"""How the API describes itself (drf-spectacular)."""

from __future__ import annotations

from typing import Any

SETTINGS: dict[str, Any] = {
    "TITLE": "Écluse API",
    "DESCRIPTION": "Leads, events, scores and the funnel. See docs/api.md for keys, errors and limits.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SERVE_AUTHENTICATION": ["rest_framework.authentication.SessionAuthentication"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"deepLinking": True, "persistAuthorization": False, "validatorUrl": None},
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "PurposeEnum": "leads.choices.Purpose",
        "ConsentStateEnum": "leads.choices.ConsentState",
        "AcceptedEnum": ["accepted"],
        "RuleSetStatusEnum": "scoring.models.rule_set.RuleSet.Status",
        "ImportStateEnum": "capture.choices.ImportState",
        "ConsentPurposeEnum": "leads.choices.CONSENTED",
        "ChannelEnum": "leads.channels.Channel",
        "ContactChannelEnum": "leads.choices.ContactChannel",
        "MeetingKindEnum": "funnel.models.meeting.MeetingKind",
        "TaskKindEnum": ["call", "email", "research", "meeting", "other"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "leads.api.schema.add_plain_views",
    ],
}
