"""The plug board: settings, URLs, Celery. Imported by nobody else."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
