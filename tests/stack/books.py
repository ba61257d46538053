"""The books of the stack: it is asked over HTTP as the handlers are (``tests.aws.Deployment``), so that what tests say
of a month is said of both."""

from __future__ import annotations

import hashlib
import json
import uuid
from functools import partial
from typing import Any, Final

import httpx

from tests.aws import Answer, spelled
from tests.signing import SIGN
from tests.stack.conftest import App

Json = dict[str, Any]
PATIENCE_SECONDS: Final = 60.0
"""How long a webhook or an export may take: one that meets another at the archive comes again after some seconds."""
CLOSING_QUEUES: Final = ("PaymentsDeadLetterQueue", "UsageDeadLetterQueue", "ArchiveDeadLetterQueue")
"""While something is left in them no month is closed."""


class BooksOverHttp:
    """The stack, asked by its admin."""

    def __init__(self, stack: App) -> None:
        self.stack = stack

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """One request. ``key`` is its Idempotency-Key, ``clock`` the test clock; the path is ``spelled``."""
        query, body = dict(request.get("query") or {}), request.get("body")
        unit = (query or body or {}).get("unit", "credits")
        sent = {"idempotency-key": request.get("key") or uuid.uuid4().hex, **request.get("headers", {})}
        if clock := request.get("clock"):
            sent["scrip-test-clock"] = clock
        answer = self.stack.client.request(method, spelled(path, unit), params=query, json=body, headers=sent)
        text = answer.text
        kind = answer.headers.get("content-type", "")
        shown = text if kind.startswith("text/") else json.loads(text) if text else None
        return Answer(answer.status_code, shown, {**answer.headers}, text)

    def get(self, path: str, **request: Any) -> Answer:
        return self.send("GET", path, **request)

    def put(self, path: str, body: Any, **request: Any) -> Answer:
        return self.send("PUT", path, body=body, **request)

    def post(self, path: str, body: Any, **request: Any) -> Answer:
        return self.send("POST", path, body=body, **request)

    def deliver(self, *bodies: Any, provider: str) -> None:
        """Webhooks; each is applied once its payment has what it said."""
        for body in bodies:
            raw, secret = json.dumps(body).encode(), self.stack.stack.webhook_secrets[provider]
            headers = SIGN[provider](secret, f"msg_{uuid.uuid4().hex}", raw)
            sent = self.stack.client.post(f"/v1/webhooks/{provider}", content=raw, headers=headers)
            assert sent.status_code == 200, sent.text
            self.stack.eventually(partial(self._knows, provider, body["data"]), PATIENCE_SECONDS)

    def _knows(self, provider: str, said: Json) -> bool:
        shown = self.stack.client.get(f"/v1/payments/{provider}/{said['payment_id']}")
        names = [said[name] for name in ("payment_id", "dispute_id", "refund_id") if name in said]
        return shown.status_code == 200 and all(f'"{name}"' in shown.text for name in names)

    def archived(self, key: str) -> bytes:
        """An object of the archive."""
        bucket = self.stack.stack.outputs["ArchiveBucketName"]
        found: bytes = self.stack.stack.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        return found

    def ask_for_export(self, kind: str, form: str, clock: str, **more: Any) -> str:
        """Asks for an export; returns its id."""
        answer = self.post("/v1/exports", {"kind": kind, "format": form, **more}, clock=clock)
        assert answer.status == 202, answer.text
        return str(answer.body["export_id"])

    def files(self, export_id: str) -> list[bytes]:
        """The files of an export once it is done, each read by its link by somebody who has no key."""

        def done() -> Json | None:
            found: Json = self.get(f"/v1/exports/{export_id}").body
            assert found["status"] in ("queued", "running", "done"), found
            return found if found["status"] == "done" else None

        found = self.stack.eventually(done, PATIENCE_SECONDS)
        assert found["progress"]["done"] == found["progress"]["of"] == len(found["files"])
        return [self._read(file) for file in found["files"]]

    @staticmethod
    def _read(file: Json) -> bytes:
        answer = httpx.get(file["url"], trust_env=False, timeout=30)
        assert answer.status_code == 200, answer.text
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert len(answer.content) == file["bytes"]
        return answer.content

    def close(self, period: str, clock: str) -> Json:
        """Closes a month, asking again while it goes on by itself; returns it closed."""
        self._empty_dead_letters()

        def closed() -> Json | None:
            answer = self.post(f"/v1/periods/{period}/close", {}, clock=clock)
            assert answer.status in (200, 202), answer.text
            found: Json = answer.body
            return found if answer.status == 200 else None

        found: Json = self.stack.eventually(closed, 4 * PATIENCE_SECONDS)
        assert (found["status"], found["reasons"]) == ("closed", [])
        return found

    def _empty_dead_letters(self) -> None:
        """Answers what other tests left: no month can be closed with that."""
        sqs = self.stack.stack.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            if any(name in url for name in CLOSING_QUEUES):
                sqs.purge_queue(QueueUrl=url)
