"""What the scheduler asks for, and when (local time of the site).

Sweeps find what no doorbell announced; one that nobody took before the next is due is forgotten.
"""

from __future__ import annotations

from typing import Any

from celery.schedules import crontab

Entry = dict[str, Any]


def _every(seconds: float, task: str) -> Entry:
    return {"task": task, "schedule": float(seconds), "options": {"expires": float(seconds)}}


def _at(hour: int, minute: int, task: str, *, day_of_week: str = "*") -> Entry:
    return {"task": task, "schedule": crontab(hour=hour, minute=minute, day_of_week=day_of_week)}


SCHEDULE: dict[str, Entry] = {
    "sweep the agenda": _every(5, "pipeline.tasks.drain"),
    "sweep the forms": _every(5, "capture.tasks.take_in"),
    "sweep the imports": _every(5, "capture.tasks.work_on_imports"),
    "sweep the trials of rules": _every(5, "dashboard.tasks.try_rules"),
    "move many leads": _every(5, "funnel.tasks.move_many"),
    "sweep the webhooks": _every(10, "leads.tasks.deliver_webhooks"),
    "sweep the messages": _every(10, "nurturing.tasks.send_due"),
    "sweep the voidings": _every(10, "scoring.tasks.work_on_voidings"),
    "apply channel rules": _every(10, "capture.tasks.apply_channel_rules"),
    "sweep the alerts": _every(30, "scoring.tasks.send_notifications"),
    "finish scoring passes": _every(60, "scoring.tasks.finish_passes"),
    "let held leads go": _every(60, "scoring.tasks.release_held"),
    "write to partners": _every(60, "funnel.tasks.write_to_partners"),
    "read mailboxes": _every(60, "funnel.tasks.read_mailboxes"),
    "sweep the funnel": _every(60, "funnel.tasks.sweep"),
    "follow up promised answers": _every(60, "funnel.tasks.follow_up_answers"),
    "look for duplicates": _every(60, "leads.tasks.look_for_duplicates"),
    "tell likelihoods of the touched": _every(600, "pipeline.tasks.tell_touched"),
    "keep the report ready": _every(900, "dashboard.tasks.refresh_report"),
    "keep the report on sources ready": _every(900, "capture.tasks.refresh_sources"),
    "score at midnight": _at(0, 5, "pipeline.tasks.nightly"),
    "tell likelihoods": _at(0, 50, "pipeline.tasks.tell_likelihoods"),
    "look for missed duplicates": _at(1, 20, "leads.tasks.look_for_missed_duplicates"),
    "count score health": _at(1, 40, "dashboard.tasks.count_score_health"),
    "learn the likelihood": _at(2, 5, "pipeline.tasks.train_likelihood", day_of_week="sun"),
    "give up aged leads": _at(2, 20, "funnel.tasks.give_up_aged_leads"),
    "make partitions": _at(3, 10, "pipeline.tasks.make_partitions"),
    "forget old decisions of the allocation": _at(3, 20, "funnel.tasks.forget_allocation"),
    "forget what expired": _at(3, 40, "pipeline.tasks.forget_expired"),
    "forget old submissions": _at(3, 50, "capture.tasks.forget_expired"),
    "follow what sales can take": _at(6, 10, "funnel.tasks.follow_capacity"),
}
