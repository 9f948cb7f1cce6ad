"""Changing rules before they are published: drafts that several people may edit at once.

Each change is a pure function on the document as it is *now*, so what others changed elsewhere stays; only
who changes the very part that somebody else changed meanwhile is asked to choose.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from scoring.actions.publishing import NotADraft, add_version, vocabulary
from scoring.drafts import Change, Document, Path, apply, collide, diff, reverse
from scoring.engine.parse import parse
from scoring.engine.reading import RuleError
from scoring.engine.rules import RuleSet as Rules
from scoring.models import DraftEdit, RuleSet
from scoring.queries import live_rule_set


class DraftConflict(Exception):
    """Somebody else changed the same part meanwhile; nothing was written.

    ``theirs`` is the draft as it is now, ``mine`` its document with this change put over it, ``paths`` the
    parts that both changed.
    """

    def __init__(self, theirs: RuleSet, mine: Document, paths: Sequence[Path]) -> None:
        super().__init__(", ".join("/".join(path) for path in paths))
        self.theirs = theirs
        self.mine = mine
        self.paths = tuple(paths)


@transaction.atomic
def open_draft(*, by: User | None, now: datetime, like: RuleSet | None = None) -> RuleSet:
    """A new draft: a copy of ``like``, or of the live version.

    What it copies may name what the site no longer has (a deleted list …): publishing checks that.
    Raises RuleSet.DoesNotExist when nothing is live.
    """
    source = like or live_rule_set()
    if source is None:
        raise RuleSet.DoesNotExist
    return add_version(source.name, source.document, by=by, now=now, based_on=source)


@transaction.atomic
def change_draft(
    *,
    draft: RuleSet,
    revision: int,
    change: Callable[[Document], Document],
    summary: str,
    by: User | None,
    now: datetime,
) -> RuleSet:
    """Apply ``change`` to the draft's present document, if what comes out is valid.

    ``revision`` is the one that ``by`` saw. What is returned has the next revision, or the same when nothing
    changed. Raises DraftConflict when what it changes was changed since that revision, LookupError when its
    part is gone, RuleError when the result is no valid rule set, NotADraft when it was published or
    discarded meanwhile: nothing is written then.
    """
    present = locked(draft)
    document = change(present.document)
    changes = diff(present.document, document)
    if paths := collide(changes, changes_since(present, revision)):
        raise DraftConflict(present, document, paths)
    if not changes:
        return present
    rules = checked(document, instead_of=present.document)
    return _keep(present, document, rules, _edit(changes, summary), by=by, now=now)


@transaction.atomic
def undo_edit(*, edit: DraftEdit, summary: str, by: User | None, now: datetime) -> RuleSet:
    """Take one edit back, whatever was edited elsewhere since; undoing is an edit, and can be undone.

    Raises DraftConflict when one of its parts was changed after it, LookupError when what held it is gone,
    RuleError and NotADraft like ``change_draft``. An edit that was undone already stays so.
    """
    present = locked(edit.draft)
    if DraftEdit.objects.filter(undoes=edit).exists():
        return present
    back = reverse(edit.parts)
    document = apply(present.document, back)
    if paths := collide(back, changes_since(present, edit.revision)):
        raise DraftConflict(present, document, paths)
    changes = diff(present.document, document)
    rules = checked(document, instead_of=present.document)
    undoing = _edit(changes, summary)
    undoing.undoes = edit
    return _keep(present, document, rules, undoing, by=by, now=now)


@transaction.atomic
def discard_draft(*, draft: RuleSet, by: User | None, now: datetime) -> RuleSet:
    """Put a draft aside; its edits stay. Raises NotADraft."""
    present = locked(draft)
    present.discarded_at, present.edited_at, present.edited_by = now, now, by
    present.save(update_fields=["discarded_at", "edited_at", "edited_by"])
    return present


@transaction.atomic
def restore_draft(*, draft: RuleSet, by: User | None, now: datetime) -> RuleSet:
    """Take up a draft that was put aside. Raises NotADraft for a published version."""
    present = RuleSet.objects.select_for_update().get(pk=draft.pk)
    if present.status != RuleSet.Status.DRAFT:
        raise NotADraft(str(present))
    present.discarded_at, present.edited_at, present.edited_by = None, now, by
    present.save(update_fields=["discarded_at", "edited_at", "edited_by"])
    return present


def locked(draft: RuleSet) -> RuleSet:
    """The draft as it is now, held until the transaction ends. Raises NotADraft."""
    present = RuleSet.objects.select_for_update().get(pk=draft.pk)
    if present.status != RuleSet.Status.DRAFT or present.discarded_at is not None:
        raise NotADraft(str(present))
    return present


def changes_since(draft: RuleSet, revision: int) -> list[Change]:
    """What was changed in a draft after a revision, edit by edit."""
    edits = draft.edits.filter(revision__gt=revision).order_by("revision")
    return [change for edit in edits for change in edit.parts]


def checked(document: Document, *, instead_of: Document | None = None) -> Rules:
    """The rules of a document that fits this site. Raises RuleError.

    A document that is wrong in the way that the one before it was (a list deleted meanwhile) may still be
    changed elsewhere: publishing refuses it.
    """
    known = vocabulary()
    try:
        return parse(document, known)
    except RuleError as error:
        if instead_of is None or not _was_wrong(instead_of, error):
            raise
        return parse(document)


def _was_wrong(document: Document, error: RuleError) -> bool:
    try:
        parse(document, vocabulary())
    except RuleError as before:
        return (before.message, before.params) == (error.message, error.params)
    return False


def _edit(changes: Sequence[Change], summary: str) -> DraftEdit:
    return DraftEdit(changes=[change.as_json() for change in changes], summary=summary[:300])


def _keep(
    draft: RuleSet, document: Document, rules: Rules, edit: DraftEdit, *, by: User | None, now: datetime
) -> RuleSet:
    draft.document, draft.name = document, rules.name.fr
    draft.revision += 1
    draft.edited_at, draft.edited_by = now, by
    draft.save(update_fields=["document", "name", "revision", "edited_at", "edited_by"])
    edit.draft, edit.revision, edit.by, edit.at = draft, draft.revision, by, now
    edit.save(force_insert=True)
    return draft
