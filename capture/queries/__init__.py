"""Reads of the capture pages."""
