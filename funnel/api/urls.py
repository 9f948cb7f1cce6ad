"""The addresses of the funnel's API, below /api/v1/."""

from __future__ import annotations

from django.urls import path

from funnel.api import decisions, offers

urlpatterns = [
    path("offers/", offers.OffersView.as_view(), name="api_offers"),
    path("leads/<uuid:public_id>/accept/", decisions.AcceptView.as_view(), name="api_accept"),
    path("leads/<uuid:public_id>/return/", decisions.ReturnView.as_view(), name="api_return"),
    path("leads/<uuid:public_id>/disqualify/", decisions.DisqualifyView.as_view(), name="api_disqualify"),
    path("leads/<uuid:public_id>/qualify/", decisions.QualifyView.as_view(), name="api_qualify"),
    path("leads/<uuid:public_id>/won/", decisions.WonView.as_view(), name="api_won"),
    path("leads/<uuid:public_id>/lost/", decisions.LostView.as_view(), name="api_lost"),
]
