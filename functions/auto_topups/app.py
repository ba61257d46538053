"""Automatic top-ups: looks at wallets, charges orders, and finds out what became of charges.

A queue wakes it for a wallet that has less than before, was topped up by a payment, or had its settings put; a schedule
for those that wait for an instant. What providers say goes into the queue of payments: nothing is applied here, and no
credit moved.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import invocation, runtime
from scrip.domain.events.auto_topups import AutoTopupTold
from scrip.domain.payments.facts import text
from scrip.http.edge import schedule
from scrip.http.events.auto_topups import auto_topup_event
from scrip.services.events import bus
from scrip.services.payments import auto_charges, deliveries, dunning
from scrip.services.payments.auto_charges import ChargeDesk, TopupPaid

CALL_SECONDS: Final = 20.0
"""Nobody waits behind these calls: a slow provider may take its time."""
MARGIN_MS: Final = 50_000
"""Time kept back for a wallet that is being looked at: two calls, and what is written and told."""


def handler(event: dict[str, Any], context: Any) -> Any:
    """Looks at wallets of the queue's messages, or at those that wait for an instant."""
    with invocation.lasting(context):
        if "Records" not in event:
            return _sweep(event, context)
        processor = SqsFifoPartialProcessor(skip_group_on_error=True)
        return process_partial_response(event, _look, processor, context)


def _look(record: SQSRecord) -> None:
    """Looks at the wallet of one message. What it raises brings the message again."""
    with runtime.telling(record.message_id):
        message = json.loads(record.body)
        moment = deliveries.moment_of(message, runtime.now(), runtime.settings().test_clock)
        said = message.get("paid")
        paid = TopupPaid(text(said, "topup_id"), int(said["at"])) if said else None
        auto_charges.look(_desk(), text(message, "account"), text(message, "unit"), moment, paid)


def _sweep(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Looks at all wallets that are to be looked at by the schedule's instant.

    Raises:
        RuntimeError: some could not be looked at; the log names them.
    """
    swept = auto_charges.sweep(
        _desk(),
        schedule.moment(event),
        lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS),
        _failed,
    )
    if swept.failed:
        raise RuntimeError(f"{swept.failed} automatic top-ups could not be looked at; the log names them")
    return asdict(swept)


def _desk() -> ChargeDesk:
    """Returns what a look has around it."""
    return ChargeDesk(
        executor=runtime.executor(),
        provider=partial(runtime.provider, timeout=CALL_SECONDS),
        pass_on=runtime.pass_on,
        tell=_tell,
        refused=_refused,
        unsold=_unsold,
    )


def _tell(told: Sequence[AutoTopupTold]) -> None:
    """Publishes what happened, and counts who has given up."""
    bus.publish(runtime.bus(), [auto_topup_event(one) for one in told])
    for one in told:
        if one.type == "suspended":
            runtime.count("AutoTopupSuspended", account=one.account, unit=one.unit, reason=str(one.reason))
        if run := dunning.begin_of_topup(runtime.tables(), one):
            runtime.count("DunningBegun", dunning=run.dunning_id, reason=run.reason)


def _refused(account: str, unit: str) -> None:
    """Counts a charge that a provider does not take as it is made."""
    runtime.count("AutoTopupRefused", account=account, unit=unit)


def _unsold(account: str, unit: str, reason: str) -> None:
    """Counts an order that cannot be made, since its pack is another by now."""
    runtime.count("AutoTopupNotSold", account=account, unit=unit, reason=reason)


def _failed(wallet: tuple[str, str], error: Exception) -> None:
    """Logs a wallet that could not be looked at."""
    account, unit = wallet
    runtime.logger().error(
        "automatic top-up not looked at", account=account, unit=unit, error=f"{type(error).__name__}: {error}"
    )
