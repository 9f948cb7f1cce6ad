"""The draft that somebody at Valbrume is working on."""

from __future__ import annotations

from demo.drafting import draft_rules
from scoring.drafts import diff
from scoring.queries import live_rule_set, parsed


def test_the_draft_differs_from_the_live_rules_and_can_be_published(db, make_user, now):
    live = live_rule_set()
    draft = draft_rules(by=make_user("marketer"), now=now)
    tree = parsed(draft)
    assert [len(persona.criteria) for persona in tree.personas] == [4, 4]
    assert tree.groups[-1].rules[0].when.persona == "responsable_maintenance"
    changed = {change.path[0] for change in diff(live.document, draft.document)}
    assert changed == {"personas", "groups", "matrix"}
    assert draft.edits.count() == 3
