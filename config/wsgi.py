"""The WSGI application that the web server serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
application = get_wsgi_application()

# What was loaded stays: looking through it again and again for cycles costs a fifth of taking events.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
