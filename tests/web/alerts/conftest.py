"""Options of the application for one test, webhooks, and a receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from barograph_web.alerts.models import Webhook, WebhookForm
from barograph_web.alerts.services_webhooks import make_webhook
from barograph_web.options import Options
from barograph_web.portfolio.models import Account, Week
from barograph_web.users.models import Role, User
from support.web_receiver import NOW, Receiver, receiver

Choose = Callable[..., None]


@pytest.fixture
def options(settings: Any) -> Choose:
    """Set options of the application by name, for one test."""

    def choose(**values: Any) -> None:
        now = settings.OPTIONS_IN_FORCE
        settings.OPTIONS_IN_FORCE = Options({**now.values, **values}, now.sources)

    return choose


@pytest.fixture
def bare(db: None) -> None:
    """No weeks and accounts but those that the test makes: another test of the process may have left the company."""
    Week.every.all().delete()
    Account.objects.all().delete()


@pytest.fixture
def there() -> Iterator[Receiver]:
    with receiver() as found:
        yield found


@pytest.fixture
def otto(db: None) -> User:
    return User.objects.create_user("otto@example.com", name="Otto", role=Role.OPS)


@pytest.fixture
def hook(otto: User, there: Receiver, options: Choose) -> tuple[Webhook, str]:
    """A signed webhook to the receiver on this machine, which is allowed, and its secret."""
    options(webhook_private_networks=("127.0.0.0/8",))
    return make_webhook("warehouse", WebhookForm.SIGNED, there.address, [], otto, NOW)
