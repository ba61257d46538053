"""A consumer of usage events in a process of its own, which may be killed at any instant: it takes messages from the
queue, has the function's handler book them, and deletes those that are done.

    python -m tests.stack.usage_consumer QUEUE_URL SECONDS
"""

from __future__ import annotations

import sys
import time
from typing import Any, Final

import boto3

from tests.aws import Context, function

HIDDEN_SECONDS: Final = 3
"""How long a message that was taken is hidden: what a killed consumer had comes again after it."""


def main(queue_url: str, seconds: str) -> None:
    """Takes messages until there have been none for a while, or the time is up."""
    sqs, ends = boto3.client("sqs"), time.monotonic() + float(seconds)
    handler = function("usage_events").handler
    while time.monotonic() < ends:
        answer: Any = sqs.receive_message(
            QueueUrl=queue_url, MaxNumberOfMessages=10, VisibilityTimeout=HIDDEN_SECONDS, WaitTimeSeconds=1
        )
        messages = answer.get("Messages", [])
        records = [{"messageId": one["MessageId"], "body": one["Body"]} for one in messages]
        failed = handler({"Records": records}, Context())["batchItemFailures"] if records else []
        left = {one["itemIdentifier"] for one in failed}
        for one in messages:
            if one["MessageId"] not in left:
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=one["ReceiptHandle"])


if __name__ == "__main__":
    main(*sys.argv[1:])
