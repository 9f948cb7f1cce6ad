"""Settings: the products that reps choose from."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.pages import PageRequest, page
from funnel.forms import EuroField
from funnel.models import Product
from funnel.views.checklist_settings import MANAGES


class ProductForm(forms.ModelForm[Product]):
    """A product with its usual amount."""

    usual_amount = EuroField(label=Product._meta.get_field("usual_amount").verbose_name, required=False)

    class Meta:
        model = Product
        fields = ("label_fr", "label_en", "usual_amount", "position", "is_active")


@page(MANAGES)
@require_GET
def show(request: PageRequest) -> HttpResponse:
    """All of them, those out of use too."""
    return render(request, "funnel/products.html", {"products": Product.objects.all(), "tab": "products"})


@page(MANAGES)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: PageRequest, product_id: int | None = None) -> HttpResponse:
    """Make one, or change the one that is named."""
    product = get_object_or_404(Product, pk=product_id) if product_id else None
    form = ProductForm(request.POST if request.method == "POST" else None, instance=product, label_suffix="")
    if form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("funnel:products")
    context = {"form": form, "title": product.label if product else _("New product")}
    return render(request, "funnel/product.html", context, status=422 if form.errors else 200)
