"""Reconciliation: asks providers. One payment at a time, where what its webhooks said is not enough; and, woken by a
schedule, for everything of the last days. What they answer goes into the queue of payments: nothing is applied here."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import runtime
from scrip.domain.payments.delivery import Inquiry
from scrip.http.edge import schedule
from scrip.providers import clients
from scrip.services.finance.settlements import SettlementOutcome, SettlementRun
from scrip.services.payments import lookups, reconciliation
from scrip.services.payments.reconciliation import Outcome

CALL_SECONDS: Final = 20.0
"""Nobody waits behind these calls, and one page may take several requests: a slow provider may take its time."""
HOUR_MS: Final = 3_600_000
MARGIN_MS: Final = 35_000
"""Time kept back for the page that is being read: one call, and what it lists looked up."""


def inquire(record: SQSRecord) -> None:
    """Answers one inquiry. What it raises brings the message again, and at last to the dead-letter queue."""
    with runtime.telling(record.message_id):
        _inquire(record)


def _inquire(record: SQSRecord) -> None:
    """Asks the provider and passes its answer on; without a key for its API the inquiry is only counted."""
    message = json.loads(record.body)
    inquiry = Inquiry.from_dict(message)
    client = runtime.provider(inquiry.provider, CALL_SECONDS)
    if client is None:
        runtime.count("InquiryWithoutKey", payment=f"{inquiry.provider}:{inquiry.payment_id}")
        return
    at = message.get("at")
    delivery = lookups.answer(client, inquiry, runtime.now() if at is None else at)
    runtime.pass_on(delivery, lookups.delivery_id(delivery), at)
    runtime.count("InquiryAnswered", payment=f"{inquiry.provider}:{inquiry.payment_id}")


def reconcile(event: Mapping[str, Any], context: Any) -> list[dict[str, Any]]:
    """Goes on with today's pass of each provider that has a key.

    Each has its share of the time that is left, and fails for itself: what is wrong with one keeps no other from being
    looked at. Then it takes what moved its balance, by when the payments of that are known here.
    """
    now, days = schedule.now(event), int(runtime.Settings.value("SCRIP_RECONCILIATION_DAYS"))
    asked = {name: runtime.provider(name, CALL_SECONDS) for name in sorted(clients.names())}
    known = [(name, client) for name, client in asked.items() if client]
    outcomes: list[Outcome] = []
    failures: list[Exception] = []
    for number, (name, client) in enumerate(known):
        time_left = _share(context, 2 * (len(known) - number))
        run = reconciliation.Run(runtime.tables(), name, client, runtime.pass_on, now, time_left)
        stopped = False
        try:
            outcomes.append(run.go(days))
            stopped = outcomes[-1].error is not None
            _tell(outcomes[-1], now)
        except Exception as failure:  # noqa: BLE001 - raised again once the others had their turn
            failures.append(failure)
        if stopped:
            # One that has just not let us go on is not asked for more; the next run is soon.
            continue
        time_left = _share(context, 2 * (len(known) - number) - 1)
        try:
            _tell_settled(SettlementRun(runtime.tables(), name, client, now, time_left).go(days), now)
        except Exception as failure:  # noqa: BLE001 - likewise
            failures.append(failure)
    if failures:
        raise ExceptionGroup("some providers could not be looked at", failures)
    return [asdict(outcome) for outcome in outcomes]


def _share(context: Any, shares: int) -> Callable[[], bool]:
    """Returns whether there is time left of one of so many shares of what is left now."""
    left = context.get_remaining_time_in_millis()
    return partial(_time_left, context, left - (left - MARGIN_MS) // shares)


def _time_left(context: Any, until: int) -> bool:
    return bool(context.get_remaining_time_in_millis() > until)


def _tell(outcome: Outcome, now: int) -> None:
    """Measures what one run came to; where its provider stopped it, also for how many whole hours it has done so.

    The hours are counted here, since an alarm that counts periods never goes off where a schedule leaves some out.
    """
    runtime.measure("ReconciliationMissed", outcome.fed, provider=outcome.provider)
    if outcome.ended:
        runtime.measure("ReconciliationFindings", outcome.findings, provider=outcome.provider)
    if outcome.error:
        hours = 0 if outcome.stopped_at is None else (now - outcome.stopped_at) // HOUR_MS
        runtime.measure("ReconciliationStoppedHours", hours, provider=outcome.provider, reason=outcome.error)


def _tell_settled(outcome: SettlementOutcome, now: int) -> None:
    """Measures how much moved at a provider that was not known; where it stopped us, for how long it has."""
    if outcome.recorded:
        runtime.measure("SettlementsRecorded", outcome.recorded, provider=outcome.provider)
    if outcome.error:
        hours = 0 if outcome.stopped_at is None else (now - outcome.stopped_at) // HOUR_MS
        reason = f"settlements: {outcome.error}"
        runtime.measure("ReconciliationStoppedHours", hours, provider=outcome.provider, reason=reason)


def handler(event: dict[str, Any], context: Any) -> Any:
    if "Records" not in event:
        return reconcile(event, context)
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    return process_partial_response(event, inquire, processor, context)
