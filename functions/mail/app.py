"""Mail: sends letters about what customers want to hear of, and ends them by the link in each.

A queue brings it events of the bus. Whoever follows a letter's link needs no key: the link is signed.
"""

import json
from typing import Any, Final

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from scrip import invocation, runtime
from scrip.domain.notifications.outgoing import outgoing
from scrip.http.edge.answers import Answer
from scrip.http.edge.parameters import instant
from scrip.http.edge.request import Event, HttpRequest, Route, serve
from scrip.services.accounts import opt_outs
from scrip.services.notifications.mail import composition, letters
from scrip.services.notifications.mail.letters import Office
from scrip.services.notifications.mail.post import PostOffice

PATH: Final = "/v1/letters"


def office() -> Office:
    """Makes what letters need."""
    setting, client = runtime.Settings.value, runtime.client
    return Office(
        runtime.tables(),
        runtime.sent_letters(),
        PostOffice(client("sesv2"), setting("SCRIP_EMAIL_FROM")),
        lambda token: f"{setting('SCRIP_PUBLIC_URL')}{PATH}/{token}",
        runtime.signing_key(),
    )


def send(record: SQSRecord) -> None:
    """Sends the letter about one event. What it raises brings the event again, and at last to the dead-letter queue."""
    with runtime.telling(record.message_id):
        told = json.loads(record.body)["detail"]
        event = outgoing(told, instant(told["time"], "time"))
        # Where the test clock is enabled an event is of its own time, whenever that is.
        now = event.at if runtime.settings().test_clock else runtime.now()
        done = letters.write(office(), event, now)
        if done.outcome in ("sent", "sent_before"):
            runtime.notice_arrived(event, "email", "profile", now)
        runtime.count(f"Letter{done.outcome.title().replace('_', '')}", event=event.event_id, code=done.code)


def show(request: HttpRequest) -> Answer:
    """Shows the page behind a letter's link. It changes nothing: programs open links before people do."""
    opt_outs.read_token(runtime.signing_key(), request.path.get("token", ""))
    return _page(request, ended=False)


def end(request: HttpRequest) -> Answer:
    """Ends letters: by the button of that page, or by a mail program's own (RFC 8058)."""
    one = opt_outs.read_token(runtime.signing_key(), request.path.get("token", ""))
    opt_outs.end(runtime.tables(), one, runtime.now())
    return _page(request, ended=True)


def _page(request: HttpRequest, *, ended: bool) -> Answer:
    language = request.headers.get("accept-language", "").split(",")[0].partition(";")[0].strip()
    headers = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    }
    return {"statusCode": 200, "headers": headers, "body": composition.page(language or None, ended=ended)}


ROUTES = {
    "GET /v1/letters/{token}": Route(show, None),
    "POST /v1/letters/{token}": Route(end, None),
}


def handler(event: Event, context: Any) -> Any:
    """Answers an event of the HTTP API (payload format 2.0), or sends letters about a batch of the queue."""
    if "Records" not in event:
        return serve(event, ROUTES, context)
    with invocation.lasting(context):
        # Letters that all failed come again like one that did: that is no fault of the function.
        processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)
        return process_partial_response(dict(event), send, processor, context)
