"""The tables of what is said to leads: tracks and templates, who is in which track, each message."""

from nurturing.models.message import Message, MessageDecision, State
from nurturing.models.notice import Notice, NoticeKind
from nurturing.models.sending import MailSettings, SendingDomain
from nurturing.models.template import Template
from nurturing.models.track import Enrolment, Track, TrackStep

__all__ = [
    "Enrolment",
    "MailSettings",
    "Message",
    "MessageDecision",
    "Notice",
    "NoticeKind",
    "SendingDomain",
    "State",
    "Template",
    "Track",
    "TrackStep",
]
