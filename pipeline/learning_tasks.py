"""Learning and telling likelihoods, in the queue of long jobs. Each reads the clock and makes one call.

scikit-learn is loaded when a task runs: processes that never learn do not carry it, and where it is not
installed (the web's image) the tasks say so and the rules go on alone.
"""

from __future__ import annotations

from importlib.util import find_spec

import structlog
from celery import shared_task
from django.utils import timezone

log = structlog.get_logger(__name__)


def _can_learn() -> bool:
    if find_spec("sklearn") is None or find_spec("skops") is None:
        log.warning("likelihood_not_installed", needs="requirements-model.txt")
        return False
    return True


@shared_task(name="pipeline.tasks.train_likelihood")
def train_likelihood() -> None:
    """Learn anew, weekly; then tell everybody's likelihood."""
    if not _can_learn():
        return
    from pipeline import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    model = training.train_likelihood(now=timezone.now())
    log.info("likelihood_trained", version=model.version, status=model.status, why=model.why)
    tell_likelihoods()


@shared_task(name="pipeline.tasks.tell_likelihoods")
def tell_likelihoods() -> None:
    """Look whether the model still holds, then bring everybody's likelihood up to date; nightly."""
    if not _can_learn():
        return
    from pipeline import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    if training.check_drift(now=timezone.now()):
        log.warning("likelihood_drifted")
    for changed in training.tell_everybody(now=timezone.now()):
        log.info("likelihoods_told", changed=changed)


@shared_task(name="pipeline.tasks.tell_touched")
def tell_touched() -> None:
    """The same for leads whose score changed since."""
    from scoring.likelihoods import current_model  # noqa: PLC0415  # tasks are found before models are loaded

    if current_model() is None or not _can_learn():
        return
    from pipeline import training  # noqa: PLC0415  # scikit-learn takes seconds to load

    training.tell_touched(now=timezone.now())
