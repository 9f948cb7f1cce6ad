"""The catalogues of texts: gathered from code and templates, checked for gaps, compiled; no GNU gettext."""
