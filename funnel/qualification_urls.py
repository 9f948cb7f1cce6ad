"""The addresses of what is settled before an opportunity and after it, within those of sales."""

from django.urls import path

from funnel.views import checklist_settings

urlpatterns = [
    path("settings/checklist/", checklist_settings.show, name="checklist_settings"),
    path("settings/checklist/new/", checklist_settings.edit, name="new_checklist_item"),
    path("settings/checklist/<int:item_id>/", checklist_settings.edit, name="checklist_item"),
    path(
        "settings/checklist/<int:item_id>/arrange/", checklist_settings.arrange, name="arrange_checklist_item"
    ),
    path("settings/checklist/templates/<slug:code>/", checklist_settings.template, name="checklist_template"),
]
