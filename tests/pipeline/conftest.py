"""Reps and leads brought to where a test needs them, as the funnel's own tests make them."""

from tests.funnel.conftest import (  # noqa: F401
    make_company,
    make_offer,
    make_ready,
    make_rep,
    make_sal,
    make_sql,
)
from tests.nurturing.conftest import make_content, make_message, paper, site, stand  # noqa: F401
