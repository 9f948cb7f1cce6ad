# Écluse for production. The embedded services are not in here: DATABASE_URL and REDIS_URL must be given.

FROM node:22-slim AS packages
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
COPY requirements.txt requirements-model.txt requirements-dev.txt ./
# With what learning the likelihood needs; requirements.txt makes a smaller image in which the rules go on alone.
ARG REQUIREMENTS=requirements-model.txt
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r "$REQUIREMENTS"
# polib compiles the translations; it is taken out again below.
RUN awk '/^[^ ]/ { wanted = /^polib==/ } wanted' requirements-dev.txt > /polib.txt \
 && /venv/bin/pip install --require-hashes --no-deps -r /polib.txt
COPY . .
COPY --from=packages /build/node_modules node_modules
RUN python -m assets.collect && /venv/bin/python -m assets.messages \
 && DEBUG=false DATABASE_URL=postgres://build/none REDIS_URL=redis://build STATIC_ROOT=/static \
    /venv/bin/python manage.py collectstatic --noinput \
 && /venv/bin/pip uninstall --yes polib \
 && rm -rf node_modules requirements-dev.txt tests benchmarks services static/vendor/.collected \
 && /venv/bin/python -m compileall -q .

FROM python:3.12-slim
ENV ECLUSE_ENV=production STATIC_ROOT=/static PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PATH=/venv/bin:$PATH CELERY_BEAT_SCHEDULE_FILENAME=/tmp/beat-schedule MEDIA_ROOT=/media
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent ecluse \
 && install --directory --owner 10001 /media
COPY --from=build /venv /venv
COPY --from=build /static /static
COPY --from=build /app /app
WORKDIR /app
USER 10001
# Files of the content library and of imports, shared by web and workers.
VOLUME /media
EXPOSE 8000
# The host name is checked, so the probe must come under the real one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-c", "\
import os, urllib.request as r; from urllib.parse import urlsplit; \
r.urlopen(r.Request('http://127.0.0.1:8000/livez', headers={'Host': urlsplit(os.environ['SITE_URL']).netloc}), timeout=4)"]
CMD ["granian", "config.wsgi:application", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--http", "1", "--no-ws", \
     "--workers", "2", "--blocking-threads", "4", "--respawn-failed-workers", "--workers-max-rss", "600", "--workers-kill-timeout", "30"]
