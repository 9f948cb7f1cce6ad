"""The tables of what is held about a person, in words; and those that belong together under one name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

TABLES: dict[str, str | Promise] = {
    "leads.lead": _("Profile"),
    "leads.profilechange": _("History of the profile"),
    "leads.event": _("Events"),
    "leads.eventconflict": _("Events that came twice"),
    "leads.consentevent": _("Consents"),
    "leads.touch": _("Sources"),
    "leads.visitor": _("Browsers"),
    "leads.listmembership": _("Lists"),
    "leads.merge": _("Merges"),
    "leads.rejectedsubmission": _("Refused posts"),
    "leads.webhookdelivery": _("Told to other programs"),
    "leads.privacyrequest": _("Requests about personal data"),
    "leads.privacyact": _("What was done about requests"),
    "scoring.leadscore": _("Score"),
    "scoring.scorechange": _("History of the score"),
    "scoring.leadlikelihood": _("Likelihood"),
    "scoring.scoreadjustment": _("Adjustments by hand"),
    "scoring.heldwake": _("Held back after publishing"),
    "scoring.notification": _("Alerts"),
    "scoring.previewlead": _("Previews of rules"),
    "funnel.standing": _("Stage"),
    "funnel.passage": _("History of the stages"),
    "funnel.bulkline": _("Moves of many leads"),
    "funnel.offer": _("Offers to sales"),
    "funnel.answerpromise": _("Promised answers"),
    "funnel.opportunity": _("Opportunities"),
    "funnel.checklistanswer": _("Checklist"),
    "funnel.answerversion": _("Earlier answers to the checklist"),
    "funnel.namedperson": _("Named on a checklist"),
    "funnel.opportunitychange": _("Revised expectations"),
    "funnel.referral": _("Passed on to partners"),
    "funnel.call": _("Calls"),
    "funnel.task": _("Tasks"),
    "funnel.note": _("Notes"),
    "funnel.meeting": _("Meetings"),
    "funnel.meetingmail": _("Invitations to meetings"),
    "funnel.socialmessage": _("Messages on networks"),
    "funnel.outsidereference": _("Names in other systems"),
    "funnel.allocationdecision": _("Decisions of the allocation"),
    "nurturing.enrolment": _("Tracks"),
    "nurturing.message": _("Messages"),
    "nurturing.messagedecision": _("Decisions about messages"),
    "nurturing.notice": _("Information notices"),
    "capture.submission": _("Submissions"),
    "capture.quickentry": _("Quick entries"),
    "capture.importrow": _("Rows of imports"),
}


def table_in_words(table: str) -> str:
    """What a table holds; its own name where nobody put it into words."""
    return str(TABLES.get(table, table))
