"""Users in Django's administration."""

from django.contrib import admin

from accounts.models import ApiKey, User


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    """Users without their password: it is set by the reset page only."""

    list_display = ("email", "first_name", "last_name", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("email", "first_name", "last_name")
    exclude = ("password", "user_permissions", "groups")
    readonly_fields = ("is_staff", "last_login", "date_joined")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin[ApiKey]):
    """API keys: seen and revoked here; made by `manage.py create_api_key`, which shows the value once."""

    list_display = ("name", "kind", "site", "prefix", "created", "revoked")
    readonly_fields = ("kind", "prefix", "scopes", "source_id", "public_value", "created", "created_by")
    exclude = ("hashed_key",)

    def has_add_permission(self, _request: object) -> bool:
        """Keys are made by the command."""
        return False
