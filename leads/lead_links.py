"""What becomes of each table's rows when two leads are merged, and when a person is erased.

Every model declares it beside its class, ``@lead_link(…)`` or ``@about_nobody``; merging and erasing walk
this registry, and a test fails for a model that declared nothing. So a new table cannot be forgotten, and
``leads`` needs to know nothing of the apps above it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar

from django.db import models

Model = TypeVar("Model", bound=models.Model)


class OnMerge(Enum):
    """What happens to the rows of the lead that is merged away."""

    MOVE = "move"  # they follow to the survivor; one that a unique key forbids there is set aside
    KEEP_FIRST = "keep_first"  # the survivor's row stays; the other is set aside, or moves if there is none
    COMBINE = "combine"  # a named function decides
    STAY = "stay"  # the row tells of the merge itself and goes on naming both
    NOTHING = "nothing"  # no key to a lead, or the row follows another one


class OnErase(Enum):
    """What happens to the rows of an erased person."""

    DELETE = "delete"
    ANONYMISE = "anonymise"  # the row stays for the counts, the fields named in ``blank`` are emptied
    KEEP = "keep"  # nothing in it tells who it was, or a law asks to keep it: ``why`` says which


@dataclass(frozen=True, slots=True)
class LeadLink:
    """One model's declaration.

    ``key`` is the field that names the lead, by a path where it is another row's ("message__lead");
    ``company_key`` the one that names a company. ``combine``, ``part`` and ``rows`` are dotted names of
    functions: how two leads' rows become one's, what is left to do when they are parted again, and which rows
    hold data of a lead where no key says so. ``strays``: rows that come for a merged lead a moment too late
    simply follow, also where two leads' rows are combined. ``leave`` (lead ids, now) is called before
    anything is erased: what has to end properly.
    """

    merge: OnMerge
    erase: OnErase
    key: str = ""
    company_key: str = ""
    combine: str = ""
    part: str = ""
    strays: bool = False
    leave: str = ""
    rows: str = ""
    blank: Mapping[str, object] = field(default_factory=dict)
    why: str = ""

    def __post_init__(self) -> None:
        """Refuse declarations that say too little. Raises ValueError."""
        if (self.merge is OnMerge.COMBINE) != bool(self.combine):
            raise ValueError("Name the function that combines, or do not combine.")
        if (self.erase is OnErase.ANONYMISE) != bool(self.blank):
            raise ValueError("Name the fields to blank, or do not anonymise.")
        if self.erase is OnErase.KEEP and not self.why:
            raise ValueError("Say why the rows of an erased person may be kept.")


REGISTRY: dict[type[models.Model], LeadLink] = {}
NOBODY: set[type[models.Model]] = set()

# Models of other makers and of the app below this one: users are colleagues, never leads.
OTHER_MAKERS: dict[str, str] = {
    "accounts": "colleagues and API keys",
    "account": "addresses colleagues sign in with",
    "admin": "what colleagues did in the administration: ids and names of settings",
    "auth": "permissions",
    "contenttypes": "names of tables",
    "mfa": "second factors of colleagues",
    "rest_framework_api_key": "replaced by accounts.ApiKey",
    "sessions": "sessions of colleagues",
    "socialaccount": "sign-ins of colleagues",
    "usersessions": "sessions of colleagues",
}


def lead_link(
    *,
    merge: OnMerge,
    erase: OnErase,
    key: str = "lead",
    company_key: str = "",
    combine: str = "",
    part: str = "",
    strays: bool = False,
    leave: str = "",
    rows: str = "",
    blank: Mapping[str, object] | None = None,
    why: str = "",
) -> Callable[[type[Model]], type[Model]]:
    """Declare a model whose rows hang off a lead or tell something of a person (see LeadLink)."""
    link = LeadLink(merge, erase, key, company_key, combine, part, strays, leave, rows, blank or {}, why)

    def declare(model: type[Model]) -> type[Model]:
        REGISTRY[model] = link
        return model

    return declare


def about_nobody(model: type[Model]) -> type[Model]:
    """Declare a model that holds settings, definitions or counts: nothing of any person."""
    NOBODY.add(model)
    return model


def link_of(model: type[models.Model]) -> LeadLink | None:
    """The declaration of a model; None for one about nobody. Raises KeyError for an undeclared one."""
    if model in NOBODY or model._meta.app_label in OTHER_MAKERS:
        return None
    return REGISTRY[model]


def lead_links() -> list[tuple[type[models.Model], LeadLink]]:
    """All declared models: those that are combined first, then by table (so that two merges lock alike)."""
    return sorted(
        REGISTRY.items(), key=lambda item: (item[1].merge is not OnMerge.COMBINE, item[0]._meta.db_table)
    )


def column_of(model: type[models.Model], name: str) -> str:
    """The database column of a model's own field."""
    own: Any = model._meta.get_field(name)
    return str(own.column)
