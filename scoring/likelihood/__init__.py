"""Likelihood: how probable it is that a lead reaches SQL, learned from a site's own outcomes.

What is pure stands here and knows neither the database nor the clock. ``learners`` and ``assessment`` alone
need scikit-learn, and are imported by tasks and commands only: the web runs without it.
"""
