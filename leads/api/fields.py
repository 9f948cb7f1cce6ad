"""Serializer fields that take values as strictly as strict JSON does."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from leads.api.event_shapes import EARLIEST, MAX_PROPERTIES, MAX_VALUE_BYTES
from leads.normalise import (
    EmailAddress,
    InvalidValue,
    PhoneNumber,
    clean_line,
    clean_text,
    normalise_email,
    normalise_phone,
)


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields that it does not know: a typo must not lose data (bar: inputs B13)."""

    def to_internal_value(self, data: Any) -> Any:
        """The values; all errors at once, unknown fields among them."""
        errors: dict[str, Any] = {}
        value = {}
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            errors = (
                dict(error.detail) if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
            )
        if isinstance(data, Mapping):
            for field in sorted(map(str, data.keys() - self.fields.keys())):
                errors[field] = [ErrorDetail(str(_("There is no such field.")), code="unknown_field")]
        if errors:
            raise ValidationError(errors)
        return value


class Text(serializers.CharField):
    """Text in its normal form (several lines); numbers and booleans are not text."""

    clean = staticmethod(clean_text)

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"required": False, "allow_blank": True} | options))

    def to_internal_value(self, data: Any) -> str:
        """The cleaned text."""
        if not isinstance(data, str):
            self.fail("invalid")
        return type(self).clean(super().to_internal_value(data))


class Line(Text):
    """One line of text in its normal form: no control, bidi or zero-width characters."""

    clean = staticmethod(clean_line)


class EmailField(serializers.CharField):
    """An email as an EmailAddress."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"required": False, "max_length": 320} | options))

    def to_internal_value(self, data: Any) -> EmailAddress:  # type: ignore[override]
        """The normalised address."""
        if not isinstance(data, str):
            self.fail("invalid")
        try:
            return normalise_email(super().to_internal_value(data))
        except InvalidValue as error:
            raise ValidationError(
                _("This is not an email address that can be reached."), code=error.code
            ) from error

    def run_validators(self, value: Any) -> None:
        """Checked already."""


class PhoneField(serializers.CharField):
    """A phone number as a PhoneNumber; one that cannot exist is kept and flagged."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"required": False, "max_length": 60} | options))

    def to_internal_value(self, data: Any) -> PhoneNumber:  # type: ignore[override]
        """The number in E.164 where it has one."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if len(text) > (self.max_length or 60):
            self.fail("max_length", max_length=self.max_length)
        return normalise_phone(text)

    def run_validators(self, value: Any) -> None:
        """Checked already."""


class UuidField(serializers.UUIDField):
    """A UUID written as text."""

    def to_internal_value(self, data: Any) -> uuid.UUID:
        """The UUID; an integer is none (bar: inputs B15)."""
        if not isinstance(data, str):
            self.fail("invalid", value=data)
        value: uuid.UUID = super().to_internal_value(data)
        return value


class StrictBoolean(serializers.BooleanField):
    """true or false, nothing that only looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        """The boolean."""
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictInteger(serializers.IntegerField):
    """A whole number; true, 1.0 and "1" are none (bar: inputs B11)."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if not isinstance(data, int) or isinstance(data, bool):
            self.fail("invalid")
        return data


class Choice(serializers.ChoiceField):
    """One code of a closed vocabulary, as text."""

    def to_internal_value(self, data: Any) -> str:
        """The code."""
        if not isinstance(data, str):
            self.fail("invalid_choice", input=data)
        return str(super().to_internal_value(data))


class Moment(serializers.DateTimeField):
    """A time with its offset, from 1990 (bar: inputs B16, B17)."""

    def to_internal_value(self, value: Any) -> datetime:
        """The aware time."""
        try:
            moment = msgspec.convert(value, datetime)
        except msgspec.ValidationError:
            self.fail("invalid", format="RFC 3339")
        if moment.tzinfo is None:
            raise ValidationError(
                _("Give the time with its offset, such as 2026-03-29T09:30:00+02:00."), code="offset_missing"
            )
        if moment < EARLIEST:
            raise ValidationError(_("Nothing before 1990 is taken."), code="too_early")
        try:
            # PostgreSQL takes no offset of nearly a day.
            return moment.astimezone(UTC)
        except OverflowError:  # the last hours of the year 9999
            self.fail("invalid", format="RFC 3339")


_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


class Month(serializers.CharField):
    """A month as YYYY-MM, kept as its first day."""

    def to_internal_value(self, data: Any) -> date:  # type: ignore[override]
        """The first day of the month."""
        match = _MONTH.fullmatch(data) if isinstance(data, str) else None
        if match is None or not 1 <= int(match[2]) <= 12 or not 1990 <= int(match[1]) <= 2100:
            raise ValidationError(_("Give a month as YYYY-MM."), code="invalid")
        return date(int(match[1]), int(match[2]), 1)

    def run_validators(self, value: Any) -> None:
        """Checked already."""

    def to_representation(self, value: Any) -> str:
        """YYYY-MM."""
        return f"{value:%Y-%m}"


class WebAddress(Line):
    """An http(s) address; never javascript: or data:."""

    def to_internal_value(self, data: Any) -> str:
        """The address."""
        text = super().to_internal_value(data)
        try:
            fine = not text or (urlsplit(text).scheme in {"http", "https"} and bool(urlsplit(text).hostname))
        except ValueError:
            fine = False
        if not fine:
            raise ValidationError(
                _("Give an address that starts with https:// or http://."), code="invalid_url"
            )
        return text


class Properties(serializers.DictField):
    """A flat table of values of modest size (bar: inputs B14)."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**({"required": False} | options))

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The table."""
        if not isinstance(data, dict):
            self.fail("not_a_dict", input_type=type(data).__name__)
        if len(data) > MAX_PROPERTIES:
            raise ValidationError(_("At most 50 properties."), code="too_many")
        for name, value in data.items():
            if not 1 <= len(name) <= 64:
                raise ValidationError(_("Names have 1 to 64 characters."), code="name_too_long")
            if len(msgspec.json.encode(value)) > MAX_VALUE_BYTES:
                raise ValidationError(_("A property's value must not exceed 1 KB."), code="value_too_long")
        return data
