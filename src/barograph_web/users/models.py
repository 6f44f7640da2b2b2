"""People and what they may do: roles, teams, stand-ins for absence, and tokens for the API."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower


class Role(models.TextChoices):
    """What a person is for. Capabilities of each are in permissions.py; which accounts they see, in
    portfolio/visibility.py."""

    CSM = "csm", "CSM"
    ACCOUNT_MANAGER = "account_manager", "Account manager"
    LEADER = "leader", "CS leader"
    OPS = "ops", "CS Ops"
    EXECUTIVE = "executive", "Executive"
    GUEST = "guest", "Guest"
    ADMINISTRATOR = "administrator", "Administrator"


class Team(models.Model):
    """People whose accounts a CS leader answers for. Teams may nest."""

    name = models.CharField(max_length=120, unique=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="parts")

    class Meta:
        ordering: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    """Makes people; addresses are kept in lower case so that one person has one account."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A person. Without a password they cannot sign in by one."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=(username or "").strip())


class User(AbstractBaseUser):
    """One person. The address is also how their accounts name them (csm_email, am_email).

    `must_set_password` and `must_use_mfa` send them to those pages before any other. `revision` grows with every
    change by an administrator, so that two do not overwrite each other. After `erased_at` nothing here is personal.
    """

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=20, choices=Role.choices)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="members")
    is_active = models.BooleanField(default=True)
    must_set_password = models.BooleanField(default=False)
    must_use_mfa = models.BooleanField(default=False)
    theme = models.CharField(max_length=6, default="system")
    revision = models.PositiveIntegerField(default=1)
    erased_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(Lower("email"), name="users_user_email_once")
        ]
        ordering: ClassVar[list[str]] = ["name", "email"]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's admin site is not used."""
        return False


class StandIn(models.Model):
    """While `absent` is away, `stand_in` sees and does what `absent` could. Both days are included."""

    absent = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    stand_in = models.ForeignKey(User, on_delete=models.CASCADE, related_name="stands_in_for")
    begins_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("begins_on")),
                name="users_stand_in_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~models.Q(absent=models.F("stand_in")), name="users_stand_in_is_somebody_else"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["stand_in", "begins_on"])]
        ordering: ClassVar[list[str]] = ["begins_on", "pk"]

    def __str__(self) -> str:
        return f"{self.stand_in} for {self.absent}"


class Scope(models.TextChoices):
    """What a token may do."""

    READ = "read", "Read accounts, scores and reviews"
    DECIDE = "decide", "Record decisions"
    IMPORT = "import", "Bring data in"
    RUN = "run", "Start runs"


class ApiToken(models.Model):
    """A key for the API. The key itself is shown once; kept is its SHA-256, and a prefix to recognise it.

    What it may do is also bounded by its owner's role at the time of use (tokens.py).
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
