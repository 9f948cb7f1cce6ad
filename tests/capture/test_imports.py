"""Importing files of leads: what becomes of each row, twice, at once, interrupted, taken back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from capture.actions import imports as actions
from capture.actions.imports import NotReady, Options
from capture.choices import ImportState
from capture.importing import piece as pieces
from capture.importing.revert import preview
from capture.imports.reading import Unreadable
from capture.models import Import, ImportRow
from funnel.models import Standing
from leads.actions.consent import suppress
from leads.actions.people import Identity, recognise, update_profile
from leads.choices import Origin, SuppressionReason
from leads.models import (
    Campaign,
    Company,
    ConsentEvent,
    CustomField,
    Event,
    Lead,
    List,
    ListMembership,
    ProfileChange,
    Source,
    Touch,
    Wake,
)
from leads.normalise import normalise_email
from leads.queries import origins
from pipeline.invariants import i12_every_import_adds_up

HEAD = "Prénom;Nom;Email;Téléphone;Entreprise;Ville\n"
NOW = datetime.fromisoformat("2026-03-12T11:00:00+00:00")


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def upload(text: str | bytes, name: str = "leads.csv", by: Any = None) -> Import:
    content = text.encode() if isinstance(text, str) else text
    return actions.receive(upload=ContentFile(content), name=name, by=by, now=NOW)


def checked(text: str | bytes, *, mapping: list[str] | None = None, **options: Any) -> Import:
    """A file that was checked."""
    batch = upload(text)
    actions.set_mapping(batch=batch, mapping=mapping or batch.mapping, now=NOW)
    chosen = {"channel": "trade_show", "notice": "informed"} | options
    actions.set_options(batch=batch, options=Options(**chosen))
    actions.ask_check(batch=batch)
    actions.work(now=NOW, until=time.monotonic() + 60)
    batch.refresh_from_db()
    return batch


def taken_in(text: str | bytes, **options: Any) -> Import:
    """A file that was imported."""
    batch = checked(text, **options)
    assert batch.state == ImportState.CHECKED, batch.error
    actions.ask_run(batch=batch, now=NOW)
    finish(batch)
    return batch


def finish(batch: Import) -> None:
    for _round in range(50):
        if not actions.work(now=NOW, until=time.monotonic() + 60):
            break
        Wake.objects.all().delete()
    batch.refresh_from_db()


def counts(batch: Import) -> dict[str, int]:
    return {name: number for name, number in batch.result["counts"].items() if number}


@pytest.mark.django_db
class TestRows:
    def test_new_people_come_in_with_their_company_source_and_history(self) -> None:
        shown = Campaign.objects.create(
            code="gi", name="Global Industrie", channel="trade_show", created_at=NOW
        )
        batch = taken_in(
            HEAD + "Élodie;Martin;elodie@acier-dupont.fr;06 12 34 56 78;Acier Dupont;Lyon\n", campaign=shown
        )
        lead = Lead.objects.get()
        assert (lead.first_name, lead.email, lead.phone) == (
            "Élodie",
            "elodie@acier-dupont.fr",
            "+33612345678",
        )
        assert (lead.channel, lead.last_channel, lead.audience) == ("trade_show", "trade_show", "b2b")
        assert lead.company is not None
        assert (lead.company.name, lead.company.domain) == ("Acier Dupont", "acier-dupont.fr")
        assert lead.search_text == "elodie martin elodie@acier-dupont.fr +33612345678"
        assert Touch.objects.get(lead=lead).campaign == shown
        kept = ProfileChange.objects.get(lead=lead)
        assert (kept.field, kept.origin, kept.at) == ("*", Origin.IMPORT, NOW)
        assert kept.new["city"] == "Lyon"
        assert (origins(lead)["city"].new, origins(lead)["city"].origin) == ("Lyon", Origin.IMPORT)
        assert batch.state == ImportState.DONE
        assert counts(batch) == {"new": 1}

    def test_a_known_lead_is_completed_and_nothing_known_is_lost(self) -> None:
        known = Lead.objects.create(email="luc@usine.fr", first_name="Luc", city="Paris", created_at=NOW)
        batch = taken_in(HEAD + "Lucien;Petit;LUC@usine.fr;;;Lyon\n")
        known.refresh_from_db()
        assert (known.first_name, known.last_name, known.city) == ("Luc", "Petit", "Paris")
        assert counts(batch) == {"changed": 1}
        assert ProfileChange.objects.filter(
            lead=known, field="last_name", new="Petit", origin="import"
        ).exists()

    def test_what_is_known_is_replaced_where_asked(self) -> None:
        Lead.objects.create(email="luc@usine.fr", first_name="Luc", city="Paris", created_at=NOW)
        taken_in(HEAD + "Lucien;;luc@usine.fr;;;Lyon\n", overwrite=True)
        assert list(Lead.objects.values_list("first_name", "city")) == [("Lucien", "Lyon")]

    def test_b32_a_phone_that_cannot_exist_is_kept_and_flagged(self) -> None:
        batch = taken_in(HEAD + "A;B;a@usine.fr;12;;\nC;D;;12;;\nE;F;;;;\n")
        lead = Lead.objects.get()
        assert (lead.phone, lead.phone_raw, lead.phone_is_valid) == (None, "12", False)
        assert counts(batch) == {"new": 1, "invalid": 2}

    def test_b31_an_address_that_cannot_be_is_rejected_with_its_reason(self) -> None:
        batch = taken_in(HEAD + "A;B;a@localhost;;;\nC;D;Nom <ok@usine.fr>;;;\n")
        assert counts(batch) == {"new": 1, "invalid": 1}
        assert Lead.objects.get().email == "ok@usine.fr"
        with batch.rejects.open() as file:
            text = file.read().decode("utf-8-sig")
        assert "a@localhost" in text
        assert text.splitlines()[0].startswith('"')

    def test_b34_a_name_of_ten_kilobytes_is_rejected_not_cut(self) -> None:
        batch = taken_in(HEAD + "x" * 10_240 + ";B;a@usine.fr;;;\nnull;DROP TABLE;c@usine.fr;;;\n")
        assert counts(batch) == {"new": 1, "invalid": 1}
        assert Lead.objects.get().first_name == "null"

    def test_b42_the_same_person_three_times_is_merged_in_order(self) -> None:
        rows = "A;;a@usine.fr;;;\nB;Z;A@Usine.fr;;;Lyon\nC;;a@usine.fr;;;Paris\n"
        batch = taken_in(HEAD + rows, overwrite=True)
        assert list(Lead.objects.values_list("first_name", "last_name", "city")) == [("C", "Z", "Paris")]
        assert counts(batch) == {"new": 1, "twin": 2}

    @pytest.mark.parametrize(
        "reason", [SuppressionReason.ERASED, SuppressionReason.OBJECTION, SuppressionReason.UNSUBSCRIBED]
    )
    def test_b42_who_objected_or_was_erased_is_left_out(self, reason: SuppressionReason) -> None:
        suppress(address="a@usine.fr", reason=reason, now=NOW)
        batch = taken_in(HEAD + "A;B;a@usine.fr;;;\nC;D;c@usine.fr;;;\n")
        assert counts(batch) == {"new": 1, "opposed": 1}
        assert not Lead.objects.filter(email="a@usine.fr").exists()

    def test_b42_a_lead_keeps_its_owner(self, make_user: Callable[..., Any]) -> None:
        mine, other = make_user("rep"), make_user("rep")
        Lead.objects.create(email="a@usine.fr", owner=mine, created_at=NOW)
        text = f"Email;Commercial\na@usine.fr;{other.email}\nb@usine.fr;{other.email}\n"
        batch = taken_in(text)
        assert dict(Lead.objects.values_list("email", "owner")) == {
            "a@usine.fr": mine.pk,
            "b@usine.fr": other.pk,
        }
        assert batch.result["told"]["owners_kept"] == 1

    def test_b42_a_consent_counts_only_with_its_date_and_proof(self) -> None:
        text = (
            "Email;Opt-in email;Date du consentement;Preuve du consentement\n"
            "a@gmail.com;oui;12/03/2025;Formulaire du salon\nb@gmail.com;oui;;\nc@gmail.com;non;;\n"
        )
        batch = taken_in(text)
        said = ConsentEvent.objects.values_list("lead__email", "state", "text_version", "at__date__year")
        assert set(said) == {
            ("a@gmail.com", "granted", "Formulaire du salon", 2025),
            ("c@gmail.com", "denied", "", 2026),
        }
        assert batch.result["told"]["consents_without_proof"] == 1

    def test_b40_formulas_stay_text_and_an_exports_guard_is_taken_off(self) -> None:
        taken_in(HEAD + "=cmd|'/c calc';'+33;a@usine.fr;'+33612345678;;'-Lyon\n")
        lead = Lead.objects.get()
        assert (lead.first_name, lead.last_name, lead.city) == ("=cmd|'/c calc'", "+33", "-Lyon")
        assert lead.phone == "+33612345678"

    def test_b72_amounts_and_dates_are_read_as_the_french_write_them(self) -> None:
        CustomField.objects.create(code="ca", type="money", label_fr="Panier", created_at=NOW)
        CustomField.objects.create(code="jour", type="date", label_fr="Jour", created_at=NOW)
        taken_in(
            "Nom;Email;Panier;Jour;Entreprise\n"
            '"O\'Neill-Élodie";o@usine.fr;1 234,56 €;12/03/2026;"S.A.R.L. l\'Été"\n'
        )
        lead = Lead.objects.select_related("company").get()
        assert lead.custom == {"ca": 1234.56, "jour": "2026-03-12"}
        assert lead.last_name == "O'Neill-Élodie"
        assert lead.company is not None
        assert lead.company.name == "S.A.R.L. l'Été"

    def test_b27_b28_b33_control_and_bidi_characters_are_gone(self) -> None:
        taken_in(HEAD + '"A\nBcc: x@y.fr";"\u202eMartin\u200b";a@usine.fr;;;\n')
        lead = Lead.objects.get()
        assert (lead.first_name, lead.last_name) == ("A Bcc: x@y.fr", "Martin")

    def test_f35_past_events_and_outcomes_come_in_and_start_nothing(
        self, make_user: Callable[..., Any]
    ) -> None:
        text = (
            "Email;Date de création;Événement;Date de l'événement;Statut;Date de signature;Montant\n"
            "a@usine.fr;2025-01-05;webinar attended;2025-02-03;gagné;2025-03-04;1 500,50\n"
            "b@usine.fr;2025-01-05;;;perdu;2025-03-04;\n"
        )
        batch = taken_in(text)
        event = Event.objects.get(kind__code="webinar_attended")
        assert (event.source_id, event.occurred_at.date().isoformat()) == (Source.IMPORT, "2025-02-03")
        stages = dict(Standing.objects.values_list("lead__email", "stage"))
        assert stages == {"a@usine.fr": "customer", "b@usine.fr": "recycled"}
        assert batch.result["told"]["outcomes"] == 2

    def test_people_join_the_list_and_who_left_it_stays_away(self) -> None:
        joined = List.objects.create(code="salon", name="Salon", created_at=NOW)
        left = Lead.objects.create(email="b@usine.fr", created_at=NOW)
        ListMembership.objects.create(list=joined, lead=left, joined_at=NOW, left_at=NOW)
        taken_in(HEAD + "A;;a@usine.fr;;;\nB;;b@usine.fr;;;\n", joins=joined)
        present = ListMembership.objects.filter(list=joined, left_at=None)
        assert list(present.values_list("lead__email", flat=True)) == ["a@usine.fr"]

    def test_article_14_is_a_must_and_is_remembered(self) -> None:
        batch = upload(HEAD + "A;;a@usine.fr;;;\n")
        with pytest.raises(NotReady, match=r"learn|apprennent"):
            actions.set_options(batch=batch, options=Options(channel="trade_show"))
        with pytest.raises(NotReady, match=r"channel|canal"):
            actions.set_options(batch=batch, options=Options(notice="informed"))
        with pytest.raises(NotReady, match=r"data comes from|viennent les données"):
            actions.set_options(batch=batch, options=Options(channel="trade_show", notice="first_mail"))
        taken_in(HEAD + "A;;a@usine.fr;;;\n", notice="first_mail", notice_source="Salon de Lyon")
        untold = ListMembership.objects.get(list__code__startswith="article-14-")
        assert (untold.lead.email, untold.list.name) == (
            "a@usine.fr",
            "À informer (RGPD, art. 14) : Salon de Lyon",
        )


@pytest.mark.django_db
class TestAccount:
    def test_the_check_writes_nothing_and_tells_what_the_run_does(self) -> None:
        Lead.objects.create(email="k@usine.fr", created_at=NOW)
        suppress(address="o@usine.fr", reason=SuppressionReason.OBJECTION, now=NOW)
        rows = [
            "A;;a@usine.fr;;;",
            "A;Z;a@usine.fr;;;",
            "K;;k@usine.fr;;;",
            "O;;o@usine.fr;;;",
            "X;;;;;",
            "K;;k@usine.fr;;;",
        ]
        batch = checked(HEAD + "\n".join(rows) + "\n")
        assert Lead.objects.count() == 1
        told = batch.report["counts"]
        assert batch.report["rows"] == len(rows)
        assert batch.report["fields"] == {"first_name": 1, "company": 1}
        assert ["first_name", "", "K"] in batch.report["samples"]["changed"][0]["changes"]
        actions.ask_run(batch=batch, now=NOW)
        finish(batch)
        assert counts(batch) == {name: number for name, number in told.items() if number}
        assert ImportRow.objects.filter(batch=batch).count() == len(rows)

    def test_i12_a_count_that_is_not_that_of_the_rows_is_found(self) -> None:
        batch = taken_in(HEAD + "A;;a@usine.fr;;;\nB;;;;;\nA;;a@usine.fr;;;\n")
        assert i12_every_import_adds_up(NOW) == []
        batch.result["counts"]["new"] += 1
        batch.save()
        assert i12_every_import_adds_up(NOW) == [batch.public_id]

    def test_f69_the_same_file_again_is_already_imported(self) -> None:
        text = HEAD + "A;;a@usine.fr;;;\nB;;;;;\n"
        taken_in(text)
        again = taken_in(text)
        assert counts(again) == {"known": 1, "invalid": 1}
        assert Lead.objects.count() == 1
        assert counts(taken_in(text, again=True)) == {"same": 1, "invalid": 1}

    def test_rejects_are_corrected_and_imported_with_the_same_mapping(self) -> None:
        batch = taken_in("Adresse de contact;Truc\na@localhost;=x\n", mapping=["lead.email", "lead.city"])
        with batch.rejects.open() as file:
            corrected = file.read().decode("utf-8-sig").replace("a@localhost", "a@usine.fr")
        second = taken_in(corrected)
        assert second.mapping == ["", "lead.email", "lead.city"]
        assert list(Lead.objects.values_list("email", "city")) == [("a@usine.fr", "=x")]

    def test_a_custom_field_is_made_on_the_fly_with_a_type(self) -> None:
        taken_in("Email;Machines\na@usine.fr;12\nb@usine.fr;7\n", mapping=["lead.email", "new.lead"])
        field = CustomField.objects.get()
        assert (field.code, field.type, field.label) == ("machines", "number", "Machines")
        assert set(Lead.objects.values_list("email", "custom__machines")) == {
            ("a@usine.fr", 12),
            ("b@usine.fr", 7),
        }

    def test_leads_are_scored_a_portion_at_a_time(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("capture.importing.waking.PORTION", 2)
        batch = checked(HEAD + "".join(f"A;;a{n}@usine.fr;;;\n" for n in range(5)))
        actions.ask_run(batch=batch, now=NOW)
        woken = []
        while actions.work(now=NOW, until=time.monotonic() + 60):
            woken.append(Wake.objects.count())
            if woken[-1] > 2:
                Wake.objects.all().delete()
        batch.refresh_from_db()
        assert batch.state == ImportState.DONE
        assert max(woken) <= 4


@pytest.mark.django_db
class TestTakingBack:
    def test_leads_it_made_go_and_values_it_changed_come_back(self) -> None:
        known = Lead.objects.create(email="k@usine.fr", city="Paris", created_at=NOW)
        batch = taken_in(HEAD + "A;;a@neuf-usine.fr;;Neuf;\nK;Z;k@usine.fr;;;Lyon\n", overwrite=True)
        assert Company.objects.filter(name="Neuf").exists()
        told = preview(batch)
        assert (told.removed, told.restored >= 3, Lead.objects.count()) == (1, True, 2)
        actions.ask_revert(batch=batch, by=None, now=NOW + timedelta(days=29))
        finish(batch)
        known.refresh_from_db()
        assert batch.state == ImportState.REVERTED
        assert list(Lead.objects.values_list("email", "first_name", "city")) == [("k@usine.fr", "", "Paris")]
        assert not Company.objects.filter(name="Neuf").exists()
        assert counts(taken_in(HEAD + "A;;a@neuf-usine.fr;;Neuf;\nK;Z;k@usine.fr;;;Lyon\n"))["new"] == 1

    def test_what_somebody_built_upon_stays_with_the_reason(self) -> None:
        batch = taken_in(HEAD + "A;;a@usine.fr;;;\nB;;b@usine.fr;;;\nK;;k@usine.fr;;;\n")
        lead = Lead.objects.get(email="a@usine.fr")
        update_profile(lead=lead, changes={"city": "Lyon"}, origin=Origin.SALES, now=NOW + timedelta(days=1))
        told = preview(batch)
        assert (told.removed, dict(told.kept)) == (2, {"changed": 1})
        actions.ask_revert(batch=batch, by=None, now=NOW + timedelta(days=1))
        finish(batch)
        assert list(Lead.objects.values_list("email", flat=True)) == ["a@usine.fr"]

    def test_after_thirty_days_it_is_too_late(self) -> None:
        batch = taken_in(HEAD + "A;;a@usine.fr;;;\n")
        with pytest.raises(NotReady):
            actions.ask_revert(batch=batch, by=None, now=NOW + timedelta(days=31))


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_f68_what_was_done_before_a_crash_is_done_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("capture.importing.run.SMALLEST", 3)
        monkeypatch.setattr("capture.importing.run.LARGEST", 3)
        monkeypatch.setattr("capture.imports.slices.FIRST", 3)
        batch = checked(HEAD + "".join(f"A;;a{n}@usine.fr;;;\n" for n in range(10)))
        actions.ask_run(batch=batch, now=NOW)
        crashes = 0

        def crash(_name: str) -> None:
            nonlocal crashes
            crashes += 1
            raise RuntimeError("killed")

        monkeypatch.setattr("capture.importing.run.failpoint", crash)
        for _kill in range(3):
            with pytest.raises(RuntimeError, match="killed"):
                actions.work(now=NOW, until=time.monotonic() + 60)
        monkeypatch.setattr("capture.importing.run.failpoint", lambda _name: None)
        finish(batch)
        assert crashes == 3
        assert counts(batch) == {"new": 10}
        assert Lead.objects.count() == 10
        assert ImportRow.objects.filter(batch=batch).values("line").distinct().count() == 10

    def test_f69_two_files_and_the_api_with_the_same_people_make_each_once(self) -> None:
        people = [f"p{n}@usine.fr" for n in range(60)]
        batch = checked(HEAD + "".join(f"A;;{email};;;\n" for email in people))
        actions.ask_run(batch=batch, now=NOW)

        def others() -> None:
            for email in reversed(people):
                recognise(
                    identity=Identity(email=normalise_email(email)),
                    profile={"city": "Lyon"},
                    origin=Origin.API,
                    now=NOW,
                )
            connection.close()

        thread = threading.Thread(target=others)
        thread.start()
        finish(batch)
        thread.join()
        assert Lead.objects.count() == 60
        assert sum(counts(batch).values()) == 60
        assert Lead.objects.filter(first_name="A", city="Lyon").count() == 60

    def test_f71_an_erasure_during_the_import_wins(self, monkeypatch: pytest.MonkeyPatch) -> None:
        known = Lead.objects.create(email="a@usine.fr", created_at=NOW)
        batch = checked(HEAD + "A;;a@usine.fr;;;\n")
        actions.ask_run(batch=batch, now=NOW)
        matched = pieces.Piece._matched

        def erased_meanwhile(piece: Any) -> dict[int, int]:
            found = matched(piece)
            if found:

                def erase() -> None:
                    Lead.objects.filter(pk=known.pk).update(email=None, erased_at=NOW)
                    suppress(address="a@usine.fr", reason=SuppressionReason.ERASED, now=NOW)
                    connection.close()

                thread = threading.Thread(target=erase)
                thread.start()
                thread.join()
            return found

        monkeypatch.setattr(pieces.Piece, "_matched", erased_meanwhile)
        finish(batch)
        assert counts(batch) == {"opposed": 1}
        assert list(Lead.objects.values_list("first_name", "email")) == [("", None)]


@pytest.mark.django_db
class TestUnreadable:
    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"", "empty"),
            (b" \n\n", "empty"),
            (b"Email;Nom\n", "no_rows"),
            (b";".join(b"c%d" % n for n in range(5000)) + b"\n1\n", "too_many_columns"),
            (b"\x00\x01\x02\xff" * 5000, "not_text"),
            (b"PK\x03\x04 not a zip", "workbook_broken"),
            (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "old_excel"),
        ],
        ids=["nothing", "blank", "only_header", "columns", "binary", "broken_zip", "xls"],
    )
    def test_b41_a_file_that_is_no_table_is_refused_with_what_to_do(self, content: bytes, code: str) -> None:
        with pytest.raises(Unreadable) as refused:
            upload(content)
        assert refused.value.code == code
        assert str(refused.value)
        assert not Import.objects.exists()

    def test_f80_a_file_that_is_too_large_is_refused_while_it_is_read(self, settings: Any) -> None:
        settings.IMPORT_MAX_BYTES = 1000
        with pytest.raises(Unreadable) as refused:
            upload(b"x" * 2000)
        assert refused.value.code == "too_large"


@pytest.mark.django_db
def test_events_of_leads_that_are_removed_may_come_again() -> None:
    text = "Email;Événement;Date de l'événement\na@usine.fr;webinar_attended;2025-02-03\n"
    batch = taken_in(text)
    actions.ask_revert(batch=batch, by=None, now=NOW)
    finish(batch)
    assert not Event.objects.exists()
    assert not Lead.objects.exists()
    taken_in(text)
    assert Event.objects.filter(kind__code="webinar_attended").count() == 1
