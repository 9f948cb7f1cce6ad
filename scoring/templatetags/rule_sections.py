"""Words for the pages of templates, personas, matrix and gates; nothing here reads the database."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.text import capfirst
from django.utils.translation import get_language

from scoring.engine import rules
from scoring.engine.conditions import Attribute, Condition
from scoring.sentences import condition_sentence, field_name, rule_sentence

register = template.Library()


@register.filter
def said(text: rules.Text | None) -> str:
    """A name or a note of the rules in the reader's language; "" for none."""
    return text.in_(get_language() or "fr") if text else ""


@register.simple_tag
def rule_says(rule: rules.Rule, tree: rules.RuleSet) -> str:
    """When a rule counts, and how often, as a sentence."""
    return str(capfirst(rule_sentence(rule, _personas(tree))))


@register.simple_tag
def condition_says(condition: Condition, tree: rules.RuleSet) -> str:
    """A condition as a sentence."""
    return str(capfirst(condition_sentence(condition, _personas(tree))))


@register.filter
def trait(test: Attribute) -> str:
    """A trait of a persona in words."""
    return condition_sentence(test)


@register.filter
def entry(table: Any, key: object) -> object:
    """The entry of a table; None when there is none."""
    return table.get(key)


def _personas(tree: rules.RuleSet) -> dict[str, str]:
    language = get_language() or "fr"
    return {persona.code: persona.name.in_(language) for persona in tree.personas}


@register.filter
def signed(number: int) -> str:
    """A whole number with its sign: +12, −3."""
    return f"{number:+d}".replace("-", "−")


@register.filter
def trait_name(test: Attribute) -> str:
    """The field that a trait asks for."""
    return field_name(test.field)
