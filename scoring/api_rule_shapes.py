"""What rule sets look like over the API: what is sent, and what is answered."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework import serializers

from leads.api.fields import StrictSerializer
from leads.api.parsers import StrictJSONParser
from scoring.models import RuleSet

MAX_DOCUMENT_BYTES = 512 * 1024
# A document is about a dozen levels deep; the engine says which conditions are too deep.
MAX_LEVELS = 32


class DocumentParser(StrictJSONParser):
    """Strict JSON, deep enough for rules."""

    max_levels = MAX_LEVELS


class RuleSetOut(serializers.ModelSerializer[RuleSet]):
    """A version without its document."""

    discarded = serializers.SerializerMethodField()

    class Meta:
        model = RuleSet
        fields: ClassVar = [
            "id", "version", "status", "discarded", "name", "revision", "based_on", "created_at", "edited_at",
            "published_at", "archived_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_discarded(self, rule_set: RuleSet) -> bool:
        """Whether the draft was thrown away."""
        return rule_set.discarded_at is not None


class RuleSetWhole(RuleSetOut):
    """A version with its document (docs/scoring.md)."""

    document = serializers.JSONField()

    class Meta(RuleSetOut.Meta):
        fields: ClassVar = [*RuleSetOut.Meta.fields, "document"]
        read_only_fields = fields


class DraftIn(StrictSerializer):
    """What a draft begins as: a copy of a version (the live one unless said), or a document."""

    like = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    document = serializers.DictField(required=False)


class DocumentIn(StrictSerializer):
    """A whole document."""

    document = serializers.DictField()


class Finding(serializers.Serializer[Any]):
    """What is wrong, and where."""

    path = serializers.CharField(help_text="For example $.groups[2].rules[0].when.within_days")
    detail = serializers.CharField(help_text="In the language of Accept-Language.")


class Validation(serializers.Serializer[Any]):
    """Whether a document may be published here."""

    valid = serializers.BooleanField()
    errors = Finding(many=True)  # type: ignore[assignment]  # the field's name is that of DRF's own errors


class ChangeOut(serializers.Serializer[Any]):
    """One part that differs, in sentences."""

    path = serializers.ListField(child=serializers.CharField())
    kind = serializers.ChoiceField(choices=["added", "removed", "changed", "moved"])
    where = serializers.CharField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class Comparison(serializers.Serializer[Any]):
    """What differs between two versions."""

    old = serializers.IntegerField()
    new = serializers.IntegerField()
    changes = ChangeOut(many=True)


class DiffQuery(StrictSerializer):
    """Against which version; the live one unless said."""

    against = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
