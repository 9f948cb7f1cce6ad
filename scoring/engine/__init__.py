"""The pure scoring engine: one rule tree, two readers (explain.py for one lead, kernel.py for blocks).

Nothing here knows Django, a clock or a database; numpy is used in the bulk reader only.
"""
