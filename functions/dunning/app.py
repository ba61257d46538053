"""Dunning: prompts those whose renewal or automatic top-up failed, on the schedule that was in force then.

It makes orders and asks providers for their checkouts, and cannot move a credit: grace it asks the function of payments
for, through the queue.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from scrip import invocation, runtime
from scrip.http.edge import schedule
from scrip.http.events.prompts import prompt_event
from scrip.providers.clients import ProviderRefused, Sale, Session
from scrip.services.events.bus import publish
from scrip.services.payments import prompts
from scrip.services.payments.prompts import MadePrompt, Ways

PROVIDER_SECONDS: Final = 8.0
"""For a session, the second attempt included."""
MARGIN_MS: Final = 15_000
"""Time kept back for the run that is being worked on: a session, the bus, a few writes."""


def sweep(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Makes the prompts that are due at the schedule's instant.

    Raises:
        RuntimeError: some could not be made; the function's alarm hears of it, and the next sweep makes them.
    """
    now = schedule.now(event)
    pinned = event.get("time") is not None and runtime.settings().test_clock

    def ask_grace(dunning_id: str) -> None:
        clock = {"at": now} if pinned else {}
        runtime.enqueue(
            "SCRIP_PAYMENTS_QUEUE_URL", {"grace": dunning_id, **clock}, group=f"dunning:{dunning_id}"
        )

    swept = prompts.sweep(
        runtime.executor(),
        now,
        Ways(_open_session, _tell, ask_grace),
        lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS),
        _failed,
    )
    if swept.failed:
        raise RuntimeError(f"{swept.failed} runs could not be worked on; the log names them")
    return asdict(swept)


def _tell(made: MadePrompt) -> None:
    """Publishes a prompt, and counts it."""
    publish(runtime.bus(), [prompt_event(made)])
    runtime.count("DunningPrompted", dunning=made.run.dunning_id, reason=made.run.reason)
    if made.order.checkout_url is None:
        runtime.count("DunningWithoutPage", dunning=made.run.dunning_id, provider=made.order.provider)


def _open_session(provider: str, sale: Sale) -> Session:
    """Opens a checkout session with the provider's API key. Without one the prompt has no page."""
    client = runtime.provider(provider, PROVIDER_SECONDS)
    if client is None:
        raise ProviderRefused(0, f"there is no API key of {provider}")
    return client.open_session(sale)


def _failed(dunning_id: str, error: Exception) -> None:
    runtime.logger().error(
        "dunning not gone on with", dunning=dunning_id, error=f"{type(error).__name__}: {error}"
    )


def handler(event: dict[str, Any], context: Any) -> Any:
    with invocation.lasting(context):
        return sweep(event, context)
