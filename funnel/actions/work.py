"""What is done for a lead day by day: the verbs of funnel.actions.calls, tasks and notes in one place."""

from funnel.actions.calls import Logged, log_call
from funnel.actions.notes import add_note, delete_note, edit_note
from funnel.actions.tasks import NextStep, add_task, answer_reply, complete_task, postpone_task

__all__ = [
    "Logged",
    "NextStep",
    "add_note",
    "add_task",
    "answer_reply",
    "complete_task",
    "delete_note",
    "edit_note",
    "log_call",
    "postpone_task",
]
