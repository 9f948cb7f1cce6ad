"""The import wizard: a file, what its columns mean, what is decided for all of it, a check, the import."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.keyset import Order
from accounts.keyset import page as keyset_page
from accounts.pages import PageRequest, page, wants_fragment
from capture.actions import imports as actions
from capture.choices import ImportState, RowState
from capture.editors.imports import LayoutForm, OptionsForm, UploadForm
from capture.importing.revert import preview
from capture.imports.reading import Unreadable
from capture.imports.sample import sample_file
from capture.imports.targets import catalogue
from capture.models import Import
from capture.queries import imports as queries
from capture.tasks import nudge_imports
from leads.custom_fields import About
from leads.models import CustomField

PAGE_SIZE = 50
NEWEST = Order("newest", "", "created_at")
BY_ROW = Order("row", "", "line", is_time=False, descending=False)
PERMISSION = "capture.import_leads"


@require_GET
@page(PERMISSION)
def imports(request: PageRequest) -> HttpResponse:
    """All imports, the newest first; only the rows when htmx asks for them."""
    shown = keyset_page(
        queries.listed_imports(),
        NEWEST,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = {"page": shown, "at_work": any(batch.state in queries.AT_WORK for batch in shown.rows)}
    fragment = wants_fragment(request, "rows")
    return render(request, "capture/_imports_rows.html" if fragment else "capture/imports.html", context)


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def new_import(request: PageRequest) -> HttpResponse:
    """Upload a file; what is wrong with it is said beside it."""
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            batch = actions.receive(upload=upload, name=upload.name, by=request.user, now=timezone.now())
        except Unreadable as error:
            form.add_error("file", str(error))
        else:
            return redirect("capture:import_columns", batch.public_id)
    status = 422 if form.is_bound and not form.is_valid() else 200
    context = {"form": form, "steps": queries.steps_of("upload")}
    return render(request, "capture/new_import.html", context, status=status)


@require_GET
@page(PERMISSION)
def sample(_request: PageRequest) -> HttpResponse:
    """A small file to fill: French or English headings, as Excel opens it."""
    answer = HttpResponse(sample_file(get_language() or "fr"), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{_("leads-to-import")!s}.csv"'
    return answer


@require_GET
@page(PERMISSION)
def one_import(request: PageRequest, public_id: str) -> HttpResponse:
    """Where the import stands: to the step that is next, else its check, its progress or its account."""
    batch = _found(public_id)
    if batch.state == ImportState.UPLOADED:
        return redirect(f"capture:import_{queries.step_of(batch)}", batch.public_id)
    fragment = wants_fragment(request, "import")
    return render(request, "capture/_import.html" if fragment else "capture/import.html", _shown(batch))


def _shown(batch: Import) -> dict[str, Any]:
    is_check = batch.state in (ImportState.CHECKING, ImportState.CHECKED)
    account = batch.report if is_check else batch.result
    return {
        "batch": batch,
        "steps": queries.steps_of(queries.step_of(batch)),
        "at_work": batch.state in queries.AT_WORK,
        "is_check": is_check,
        "rows": account.get("rows", 0),
        "counts": queries.counts_of(account),
        "told": queries.told_of(account),
        "left_out": queries.left_out(account),
        "fields": queries.fields_of(account),
        "changes": queries.changes_of(account),
        "samples": account.get("samples", {}),
        "reverted": batch.result.get("reverted"),
        "kept_because": queries.kept_because(batch.result.get("reverted", {})),
        "revertible": batch.state in (ImportState.DONE, ImportState.WAKING, ImportState.FAILED)
        and batch.started_at is not None
        and timezone.now() - batch.started_at <= actions.REVERTIBLE,
    }


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def columns(request: PageRequest, public_id: str) -> HttpResponse:
    """What each column means; or how the file is to be read, where the guess was wrong."""
    batch = _found(public_id)
    typed: list[str] | None = None
    error = ""
    if request.method == "POST":
        try:
            if "encoding" in request.POST:
                return _read_again(request, batch)
            typed = [request.POST.get(f"column-{place}", "") for place in range(len(batch.header))]
            actions.set_mapping(batch=batch, mapping=typed, now=timezone.now())
        except (actions.NotReady, Unreadable) as problem:
            error = str(problem)
        else:
            return redirect("capture:import_options", batch.public_id)
    layout = {name: getattr(batch, name) for name in ("encoding", "delimiter", "has_header")}
    context = {
        "batch": batch,
        "columns": queries.columns_of(batch, typed),
        "groups": catalogue(
            [field.definition for field in CustomField.objects.all().of(About.LEAD)],
            [field.definition for field in CustomField.objects.all().of(About.COMPANY)],
        ),
        "layout": LayoutForm(initial=layout),
        "error": error,
        "steps": queries.steps_of("columns"),
    }
    return render(request, "capture/import_columns.html", context, status=422 if error else 200)


def _read_again(request: PageRequest, batch: Import) -> HttpResponse:
    form = LayoutForm(request.POST)
    if not form.is_valid():
        raise actions.NotReady("layout", _("Choose one of the encodings and separators offered."))
    actions.read_again(batch=batch, **form.cleaned_data)
    return redirect("capture:import_columns", batch.public_id)


@require_http_methods(["GET", "POST"])
@page(PERMISSION)
def options(request: PageRequest, public_id: str) -> HttpResponse:
    """What is decided for the whole file; then it is checked."""
    batch = _found(public_id)
    form = OptionsForm(request.POST) if request.method == "POST" else OptionsForm.of(batch)
    if form.is_bound and form.is_valid():
        try:
            actions.set_options(batch=batch, options=form.options)
            actions.ask_check(batch=batch)
        except actions.NotReady as error:
            form.add_error(_FIELD_OF.get(error.code), str(error))
        else:
            nudge_imports()
            return redirect("capture:import", batch.public_id)
    context = {"batch": batch, "form": form, "steps": queries.steps_of("options")}
    return render(request, "capture/import_options.html", context, status=422 if form.errors else 200)


_FIELD_OF = {"no_channel": "channel", "no_notice": "notice"}


@require_POST
@page(PERMISSION)
def act(request: PageRequest, public_id: str, verb: str) -> HttpResponse:
    """Check again, run, take back or drop an import."""
    batch, doing = _found(public_id), _VERBS.get(verb)
    if doing is None:
        raise Http404
    try:
        doing(batch, request)
    except actions.NotReady as error:
        messages.error(request, str(error))
    nudge_imports()
    if verb == "drop" and not Import.objects.filter(pk=batch.pk).exists():
        return redirect("capture:imports")
    return redirect("capture:import", public_id)


_VERBS: dict[str, Callable[[Import, PageRequest], None]] = {
    "check": lambda batch, _request: actions.ask_check(batch=batch),
    "run": lambda batch, _request: actions.ask_run(batch=batch, now=timezone.now()),
    "revert": lambda batch, request: actions.ask_revert(batch=batch, by=request.user, now=timezone.now()),
    "drop": lambda batch, _request: actions.give_up(batch=batch),
}


@require_GET
@page(PERMISSION)
def revert(request: PageRequest, public_id: str) -> HttpResponse:
    """What taking the import back would do, before it is done."""
    batch = _found(public_id)
    told = preview(batch)
    samples = [
        {**sample, "reason": str(queries.KEPT_BECAUSE.get(sample["reason"], sample["reason"]))}
        for sample in told.samples
    ]
    context = {
        "batch": batch,
        "told": told,
        "kept": sum(told.kept.values()),
        "kept_because": queries.kept_because(told.as_json()),
        "samples": samples,
    }
    return render(request, "capture/import_revert.html", context)


@require_GET
@page(PERMISSION)
def rows(request: PageRequest, public_id: str) -> HttpResponse:
    """The rows of an import and the leads they became, by what became of them."""
    batch = _found(public_id)
    state = request.GET.get("state", "")
    shown = keyset_page(
        queries.rows_of(batch, state),
        BY_ROW,
        after=request.GET.get("after", ""),
        before=request.GET.get("before", ""),
        size=PAGE_SIZE,
    )
    context = {
        "batch": batch,
        "page": shown,
        "lines": [(row, queries.reason_of(row)) for row in shown.rows],
        "states": [(one.name.lower(), one.label) for one in RowState],
        "state": state,
    }
    fragment = wants_fragment(request, "rows")
    return render(request, "capture/_import_rows.html" if fragment else "capture/import_rows.html", context)


@require_GET
@page(PERMISSION)
def rejects(_request: PageRequest, public_id: str) -> HttpResponse:
    """The file of rejected rows, each with its reason, to correct and import again."""
    batch = _found(public_id)
    if not batch.rejects:
        raise Http404
    stem = batch.file_name.rpartition(".")[0] or batch.file_name
    answer: HttpResponseBase = FileResponse(
        batch.rejects.open("rb"), as_attachment=True, filename=f"{stem[:80]}-{_('rejects')}.csv",
        content_type="text/csv; charset=utf-8",
    )  # fmt: skip
    return cast("HttpResponse", answer)


def _found(public_id: str) -> Import:
    return get_object_or_404(
        Import.objects.select_related("created_by", "campaign", "joins"), public_id=public_id
    )
