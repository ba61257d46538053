"""Payments: applies what webhooks have queued, in order for each payment."""

import json
from typing import Any

from aws_lambda_powertools.utilities.batch import SqsFifoPartialProcessor, process_partial_response
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import runtime
from scrip.domain.errors import ClockSkew
from scrip.operations import paying
from scrip.operations.teller import Moment
from scrip.payments.facts import Delivery


def apply(record: SQSRecord) -> None:
    """One queued delivery. What it raises brings the message again, and at last to the dead-letter queue."""
    message = json.loads(record.body)
    delivery = Delivery.from_dict(message["delivery"])
    try:
        applied = paying.apply(runtime.teller(), delivery, message["delivery_id"], Moment(runtime.now()))
    except ClockSkew as skew:
        runtime.count("ClockSkew", detail=skew.detail)
        raise
    payment = applied.payment
    runtime.count("PaymentApplied", payment=payment.name, type=delivery.type)
    if payment.parked:
        runtime.count("PaymentParked", payment=payment.name, reasons="; ".join(payment.parked))


def handler(event: dict[str, Any], context: Any) -> PartialItemFailureResponse:
    processor = SqsFifoPartialProcessor(skip_group_on_error=True)
    return process_partial_response(event, apply, processor, context)
