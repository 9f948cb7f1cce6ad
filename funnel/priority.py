"""Who is served first while ready leads wait for a place: the matrix, the likelihood, and how long they wait.

Plain values only. The same sum is made in SQL by ``funnel.queries.waiting.waiting_room``, which orders by it;
a test holds both together.
"""

from __future__ import annotations

from datetime import date

# Likelihood: one point for each whole percent, so that certainty is worth what a fast path is worth.
PERMILLE_A_POINT = 10
# Age: one point for each day of waiting. Little beside a cell of the matrix, but it never ends.
POINTS_A_DAY = 1


def points(priority: int, permille: int | None, ready_on: date, today: date) -> int:
    """The place in the queue of a waiting lead, higher first; equals go by how long they wait.

    ``priority`` is what the rules give it (scoring/ranking.py: fit, engagement, temperature, fast path);
    ``permille`` what an entitled model says of it, None while no model is entitled.
    """
    return priority + likelihood_points(permille) + age_points(ready_on, today)


def likelihood_points(permille: int | None) -> int:
    """What a likelihood in thousandths adds."""
    return (permille or 0) // PERMILLE_A_POINT


def age_points(ready_on: date, today: date) -> int:
    """What waiting since that day adds."""
    return POINTS_A_DAY * max(0, (today - ready_on).days)
