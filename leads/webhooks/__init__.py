"""Telling other people's servers what happened: noted with the event, signed, delivered at least once."""
