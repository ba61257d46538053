"""Payments: applies what webhooks have queued, in order for each payment, and tries parked payments again.

The queue wakes it for the first, a schedule for the second. Both move credits and need the same rights, so they are
one function.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import invocation, runtime
from scrip.domain.payments.delivery import Delivery, Inquiry
from scrip.domain.payments.facts import text
from scrip.domain.payments.payment import Payment
from scrip.http.edge import schedule
from scrip.http.events.orders import parked_event, topup_event
from scrip.providers import clients
from scrip.services.accounts import erasure
from scrip.services.accounts.erasure import AppliedDelivery
from scrip.services.engine.executor import Moment
from scrip.services.events import bus, orders
from scrip.services.payments import (
    accounts,
    consequences,
    deliveries,
    graces,
    lookups,
    payment_methods,
    posting,
    retries,
)
from scrip.services.payments.consequences import Followed

DAY_SECONDS: Final = 86_400
HOUR_MS: Final = 3_600_000
"""A delivery that waits for longer is counted for the alarm: what is queued is applied within seconds."""
COUNTED: Final = 100
"""Deliveries of those that are counted at most: one is enough for the alarm."""
MARGIN_MS: Final = 10_000
"""Time kept back for the payment that is being tried: a sweep stops by itself, and the next one goes on."""


def apply(record: SQSRecord) -> None:
    """Applies one queued delivery. What it raises brings the message again, and at last to the dead-letter queue."""
    with runtime.telling(record.message_id):
        _apply(record)


def _apply(record: SQSRecord) -> None:
    """Applies a delivery, counts what came of it, and has the provider asked where only it can say more."""
    message = json.loads(record.body)
    if "grace" in message:
        _grant_grace(message)
        return
    delivery, delivery_id = Delivery.from_dict(message["delivery"]), text(message, "delivery_id")
    # Read before anything is applied: a message that does not say it right is to change nothing.
    digest = deliveries.digest_of(message)
    moment = deliveries.moment_of(message, runtime.now(), runtime.settings().test_clock)
    if not delivery.of_payment:
        _heard(delivery, moment)
        deliveries.mark_applied(runtime.deliveries(), delivery, delivery_id, digest, None)
        return
    if payment_methods.keep(runtime.tables(), delivery):
        runtime.count("PaymentMethodKept", provider=delivery.provider)
    applied = posting.apply(runtime.executor(), delivery, delivery_id, moment)
    if applied.followed:
        _count(applied.followed)
    payment = applied.payment
    name = posting.name_of(delivery, delivery_id)
    _file_or_erase(AppliedDelivery(delivery_id, name, payment))
    runtime.count("PaymentApplied", payment=payment.name, type=delivery.type)
    if applied.kept:
        runtime.count("ProviderAccountKept", provider=payment.provider, account_at_provider=applied.kept)
    if payment.parked:
        reasons = "; ".join(wait.sentence for wait in payment.waits)
        runtime.count("PaymentParked", payment=payment.name, reasons=reasons)
    _tell(payment, delivery)
    # What a provider has just answered is not asked again: if that does not decide it, a person has to.
    if applied.inquiry and delivery.type != lookups.READ:
        ask(applied.inquiry, message.get("at"))
    # Last: whatever fails before brings the message again, and until then the delivery waits.
    deliveries.mark_applied(runtime.deliveries(), delivery, delivery_id, digest, payment)


def _tell(payment: Payment, delivery: Delivery) -> None:
    """Publishes what the delivery says of its order, and that its payment waits; that it is paid is told by its entry.

    Raises:
        Throttled, Unavailable: the bus does not take it; the message comes again, and tells the same.
    """
    bus.publish(
        runtime.bus(),
        orders.of_applied(topup_event, parked_event, runtime.tables(), payment, delivery),
    )


def _heard(delivery: Delivery, moment: Moment) -> None:
    """Applies what says nothing of a payment: how a subscription stands."""
    ours, _ = accounts.held_against_ours(runtime.tables(), delivery, moment.at)
    if ours.standing:
        tables, provider = runtime.tables(), ours.provider
        _count(consequences.of_standing(tables, provider, ours.standing, moment.at))


def _count(followed: Followed) -> None:
    """Counts the runs of dunning that a delivery begins or ends."""
    if followed.begun:
        runtime.count("DunningBegun", dunning=followed.begun.dunning_id, reason=followed.begun.reason)
    for run in followed.ended:
        runtime.count("DunningPaid", dunning=run.dunning_id)


def _grant_grace(message: Mapping[str, Any]) -> None:
    """Grants the grace of a run of dunning, and counts where a wallet cannot have it."""
    moment = deliveries.moment_of(message, runtime.now(), runtime.settings().test_clock)
    run = graces.grant(runtime.executor(), text(message, "grace"), moment)
    if run and run.grace_refused:
        runtime.count("DunningGraceRefused", dunning=run.dunning_id, why=run.grace_refused)


def _file_or_erase(applied: AppliedDelivery) -> None:
    """Files what a provider sent under its payment, or erases it where its customer's profile is erased."""
    now, days = runtime.now(), int(runtime.Settings.value("SCRIP_DELIVERY_RETENTION_DAYS"))
    # A body that comes again within minutes is kept anew, though its message is dropped as known.
    until = now // 1000 + (days + 1) * DAY_SECONDS
    if erasure.apply_to(runtime.tables(), runtime.deliveries(), applied, now, until):
        runtime.count("DeliveryErased", payment=applied.payment.name)


def ask(inquiry: Inquiry, at: int | None = None) -> bool:
    """Has a provider asked about a payment; False where its API is not known here.

    ``at`` is the test clock's instant: what the provider answers is applied at the same.
    """
    if inquiry.provider not in clients.names():
        return False
    group = f"{inquiry.provider}:{inquiry.payment_id}"
    clock = {} if at is None else {"at": at}
    runtime.enqueue("SCRIP_INQUIRIES_QUEUE_URL", {**asdict(inquiry), **clock}, group=group)
    return True


def sweep(event: Mapping[str, Any], context: Any) -> dict[str, Any]:
    """Tries the parked payments again, as of the schedule's instant.

    Raises:
        RuntimeError: some could not be tried; the function's alarm hears of it.
    """
    swept = retries.sweep(
        runtime.executor(),
        schedule.now(event),
        lambda: bool(context.get_remaining_time_in_millis() > MARGIN_MS),
        ask,
        _failed,
    )
    runtime.measure("PaymentsParkedOverHour", swept.over_hour)
    runtime.measure("OldestParkedSeconds", swept.oldest_ms // 1000)
    late = deliveries.waiting_before(runtime.deliveries(), schedule.now(event) - HOUR_MS, COUNTED)
    if late:
        runtime.measure("DeliveriesWaitingOverHour", len(late))
    if swept.failed:
        raise RuntimeError(f"{swept.failed} parked payments could not be tried again; the log names them")
    return asdict(swept)


def handler(event: dict[str, Any], context: Any) -> Any:
    with invocation.lasting(context):
        if "Records" not in event:
            return sweep(event, context)
        processor = SqsFifoPartialProcessor(skip_group_on_error=True)
        return process_partial_response(event, apply, processor, context)


def _failed(payment: str, error: Exception) -> None:
    runtime.logger().error(
        "parked payment not tried again", payment=payment, error=f"{type(error).__name__}: {error}"
    )
