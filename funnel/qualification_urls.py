"""The addresses of what is settled before an opportunity and after it, within those of sales."""

from django.urls import path

from funnel.referral_links import PATH
from funnel.views import (
    ageing,
    checklist_settings,
    goals,
    opportunities,
    partners,
    products,
    referrals,
)

urlpatterns = [
    path("settings/checklist/", checklist_settings.show, name="checklist_settings"),
    path("settings/checklist/new/", checklist_settings.edit, name="new_checklist_item"),
    path("settings/checklist/<int:item_id>/", checklist_settings.edit, name="checklist_item"),
    path(
        "settings/checklist/<int:item_id>/arrange/", checklist_settings.arrange, name="arrange_checklist_item"
    ),
    path("settings/checklist/templates/<slug:code>/", checklist_settings.template, name="checklist_template"),
    path("settings/products/", products.show, name="products"),
    path("settings/products/new/", products.edit, name="new_product"),
    path("settings/products/<int:product_id>/", products.edit, name="product"),
    path("settings/goals/", goals.show, name="goals"),
    path("settings/goals/new/", goals.edit, name="new_goal"),
    path("settings/goals/<int:goal_id>/", goals.edit, name="goal"),
    path("settings/ageing/", ageing.edit, name="ageing"),
    path("settings/partners/", partners.show, name="partners"),
    path("settings/partners/new/", partners.edit, name="new_partner"),
    path("settings/partners/<int:partner_id>/", partners.edit, name="partner"),
    path("my-leads/<uuid:public_id>/opportunity/", opportunities.revise, name="opportunity"),
    path("my-leads/<uuid:public_id>/refer/", referrals.refer, name="refer"),
    path("my-leads/<uuid:public_id>/transfer-consent/", referrals.record_consent, name="transfer_consent"),
    path("referrals/", referrals.show, name="referrals"),
    path("referrals/<uuid:public_id>/outcome/", referrals.note_outcome, name="referral_outcome"),
    path(f"{PATH}<str:token>/", referrals.tell_outcome, name="partner_outcome"),
]
