"""The WSGI application that the web server serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
_django = get_wsgi_application()

from leads.api.event_front import EventFront  # noqa: E402  # needs Django's apps

application = EventFront(_django)

# What was loaded stays: looking through it again and again for cycles costs a fifth of taking events.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
