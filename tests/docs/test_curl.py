"""The examples of docs/api.md are run as they stand."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.actions import create_api_key
from accounts.models import ApiKey
from accounts.scopes import Scope
from capture.models import Import
from leads.models import ConsentEvent, Event, Lead, Webhook

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_the_curl_examples_do_what_they_say(live_server: LiveServer, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    secret = create_api_key(name="docs", kind=ApiKey.Kind.SECRET, scopes=list(Scope))[1]
    key = create_api_key(name="page", kind=ApiKey.Kind.PUBLISHABLE)[1]
    script = "\n".join(
        re.findall(r"^```sh\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    )
    assert script.count("curl ") >= 6
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={
            "ECLUSE": live_server.url,
            "SECRET": secret,
            "KEY": key,
            "PATH": os.environ["PATH"],
            "TMPDIR": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    jeanne = Lead.objects.get(email="jeanne@acier-dupont.fr")
    kinds = set(Event.objects.filter(lead=jeanne).values_list("kind__code", flat=True))
    assert {"quote_requested", "content_downloaded", "webinar_attended"} <= kinds
    assert Lead.objects.get(email="paul@martin-usinage.fr").need == "Un devis"
    assert ConsentEvent.objects.filter(purpose="nurturing", state="granted").count() == 1
    assert Import.objects.get().mapping[:2] == ["lead.first_name", "lead.email"]
    assert Webhook.objects.get().kinds == ["accepted", "lost", "won"]
