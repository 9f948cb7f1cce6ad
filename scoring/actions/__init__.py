"""What scoring writes: scores of a few leads or of all, and which rules are live."""

from scoring.actions.bulk import Progress, rescore_all
from scoring.actions.publishing import NotADraft, load_template, make_draft, publish
from scoring.actions.rescoring import rescore

__all__ = ["NotADraft", "Progress", "load_template", "make_draft", "publish", "rescore", "rescore_all"]
