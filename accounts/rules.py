"""Who may do what: the one table of permissions (django-rules).

``user.has_perm("funnel.decide_offer")`` asks whether the role may at all; querysets' ``visible_to(user)``
say on which rows.
"""

from __future__ import annotations

from collections.abc import Callable

from rules import add_perm, predicate

from accounts.models import User
from accounts.roles import Role

EVERYBODY = frozenset(Role)

PERMISSIONS: dict[str, frozenset[Role]] = {
    "leads.view_leads": EVERYBODY,
    "leads.edit_leads": frozenset({Role.MARKETER, Role.REP, Role.MANAGER, Role.ADMIN}),
    "leads.view_consents": frozenset({Role.MARKETER, Role.DPO, Role.ADMIN}),
    "funnel.decide_offers": frozenset({Role.REP, Role.MANAGER}),
    "funnel.view_board": frozenset({Role.REP, Role.MANAGER, Role.ADMIN}),
    "funnel.manage_sales": frozenset({Role.MANAGER, Role.ADMIN}),
    "funnel.move_leads": frozenset({Role.MARKETER, Role.ADMIN}),
    "funnel.move_many": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    "funnel.view_settings": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    "funnel.edit_stages": frozenset({Role.ADMIN}),
    "funnel.edit_reasons": frozenset({Role.MANAGER, Role.ADMIN}),
    "scoring.view_rules": EVERYBODY,
    "scoring.edit_rules": frozenset({Role.MARKETER, Role.ADMIN}),
    "scoring.publish_rules": frozenset({Role.MARKETER, Role.ADMIN}),
    "scoring.adjust_scores": frozenset({Role.MARKETER, Role.REP, Role.MANAGER, Role.ADMIN}),
    "scoring.void_events": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    "scoring.manage_alerts": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    "nurturing.view_messages": frozenset({Role.MARKETER, Role.MANAGER, Role.DPO, Role.ADMIN}),
    "nurturing.edit_tracks": frozenset({Role.MARKETER, Role.ADMIN}),
    "dashboard.view_reports": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    # Capture: forms, tracker, imports; a card typed at a fair is everybody's who meets people.
    "capture.view_capture": frozenset({Role.MARKETER, Role.MANAGER, Role.DPO, Role.ADMIN}),
    "capture.edit_forms": frozenset({Role.MARKETER, Role.ADMIN}),
    "capture.import_leads": frozenset({Role.MARKETER, Role.ADMIN}),
    "capture.quick_entry": frozenset({Role.MARKETER, Role.REP, Role.MANAGER, Role.ADMIN}),
    "leads.edit_sources": frozenset({Role.MARKETER, Role.ADMIN}),
    "leads.edit_fields": frozenset({Role.MARKETER, Role.ADMIN}),
    "leads.merge_leads": frozenset({Role.MARKETER, Role.MANAGER, Role.ADMIN}),
    "leads.handle_requests": frozenset({Role.DPO, Role.ADMIN}),
    "leads.manage_webhooks": frozenset({Role.ADMIN}),
    "accounts.manage_users": frozenset({Role.ADMIN}),
    "accounts.manage_keys": frozenset({Role.ADMIN}),
}


def _has_role(roles: frozenset[Role]) -> Callable[[User], bool]:
    """A predicate that is true for active users of one of ``roles``."""

    @predicate  # type: ignore[untyped-decorator]  # rules ships no types
    def allowed(user: User) -> bool:
        return bool(user.is_active and getattr(user, "role", None) in roles)

    return allowed  # type: ignore[no-any-return]


for _name, _roles in PERMISSIONS.items():
    add_perm(_name, _has_role(_roles))
