"""The funnel over HTTP: offers, and the verbs by which people decide."""
