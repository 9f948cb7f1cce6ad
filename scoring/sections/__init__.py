"""Parts of a rule set with a page of their own: templates, start, personas, matrix and phases, gates."""
