from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PipelineConfig(AppConfig):
    """The story in one file: pipeline/run.py."""

    name = "pipeline"
    verbose_name = _("Pipeline")
