"""The small forms of the editor: each reads one part of a document and writes it back as JSON.

They check little: what a number or a code may be is the engine's to say (scoring/engine/parse.py), and the
page says it beside the field whose name is the key that the engine names.
"""

from scoring.editor.forms.base import Number, PartForm, number
from scoring.editor.forms.events import CountForm, MatchForm
from scoring.editor.forms.questions import QUESTIONS, FactForm, question_of
from scoring.editor.forms.rules import BasicsForm, GroupForm, NameForm, OftenForm, PointsForm, WordForm

__all__ = [
    "QUESTIONS",
    "BasicsForm",
    "CountForm",
    "FactForm",
    "GroupForm",
    "MatchForm",
    "NameForm",
    "Number",
    "OftenForm",
    "PartForm",
    "PointsForm",
    "WordForm",
    "number",
    "question_of",
]
