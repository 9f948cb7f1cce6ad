"""What the form builder needs besides: who changed it last, and every public version kept as proof."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("capture", "0004_quick_entry"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="form",
            name="published_at",
            field=models.DateTimeField(null=True, verbose_name="published"),
        ),
        migrations.AddField(
            model_name="form",
            name="updated_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.CreateModel(
            name="FormVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("definition", models.JSONField()),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "form",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="capture.form",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of a form",
                "verbose_name_plural": "versions of forms",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(fields=("form", "version"), name="one_definition_per_version")
                ],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="formversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="b680a5825d654372c7f1c7b5cdcd0bd587f7b29a",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_7afe1",
                    table="capture_formversion",
                    when="BEFORE",
                ),
            ),
        ),
    ]
