"""Burns in a function that has their wallet in memory: what ``compare`` runs in a process of its own, for whatever tree
is first in ``sys.path``. ``python warm.py TREE BURNS`` says the milliseconds of one on the standard error.

It names nothing of the tree but its handlers and the simulator, whose tables answer until burns are timed. From then on
every transaction is answered as carried out.
"""

from __future__ import annotations

import base64
import importlib.util
import io
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from botocore.awsrequest import AWSResponse

from scrip import runtime
from simulation.dynamodb import Dynamo
from simulation.world import TABLES

Handler = Callable[[Any, Any], Any]
CALLS: Final = {
    "BatchGetItem": "batch_get_item",
    "GetItem": "get_item",
    "Query": "query",
    "TransactWriteItems": "transact_write_items",
}
UNTIMED: Final = 50
"""Burns before those that are timed."""
BURN: Final = {"amount": "1", "reference": {"type": "job", "id": "j-118"}}
GRANT: Final = {"amount": "100000", "kind": "paid", "cost_basis": {"amount": 100, "currency": "USD"}}


class Raw(io.BytesIO):
    """A body as urllib3 has it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


class Tables:
    """DynamoDB's answers, before anything is sent."""

    def __init__(self) -> None:
        self.timed = False
        self.dynamo = Dynamo(TABLES)

    def answer(self, request: Any, **_: Any) -> AWSResponse:
        reply = {} if self.timed else self._carried_out(request)
        headers: Any = {}
        return AWSResponse(request.url, 200, headers, Raw(json.dumps(reply).encode()))

    def _carried_out(self, request: Any) -> Any:
        call = CALLS[request.headers["X-Amz-Target"].decode().partition(".")[2]]
        asked = _with_bytes(base64.b64decode, json.loads(request.body))
        return _with_bytes(lambda data: base64.b64encode(data).decode(), getattr(self.dynamo, call)(**asked))


def _with_bytes(convert: Callable[[Any], Any], value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: convert(one) if name == "B" else _with_bytes(convert, one) for name, one in value.items()
        }
    return [_with_bytes(convert, one) for one in value] if isinstance(value, list) else value


def function(tree: Path, name: str) -> Handler:
    """Returns the handler of a tree's functions/<name>/app.py."""
    path = tree / "functions" / name / "app.py"
    spec = importlib.util.spec_from_file_location(f"functions.{name}.app", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Handler = module.handler
    return handler


def event(tree: Path, name: str, key: str, body: Any) -> Any:
    """Returns a tree's sample of a request, with this key and body."""
    made = json.loads((tree / "events" / "http" / f"post_{name}.json").read_text())
    made["body"] = json.dumps(body)
    made["headers"]["idempotency-key"] = key
    return made


def succeeds(reply: Any) -> None:
    """Raises where a request was refused."""
    if reply["statusCode"] != 201:
        raise RuntimeError(reply["body"])


def milliseconds(tree: Path, count: int) -> float:
    """Returns the processor time of one burn of a wallet with three lots."""
    tables = Tables()
    runtime.client("dynamodb").meta.events.register("before-send.dynamodb", tables.answer)
    grant, burn = function(tree, "grants"), function(tree, "burns")
    for number in range(3):
        succeeds(grant(event(tree, "grant", f"grant-{number}", GRANT), None))
    events = [event(tree, "burn", f"burn-{number}", BURN) for number in range(UNTIMED + count)]
    for one in events[:UNTIMED]:
        succeeds(burn(one, None))
    tables.timed = True
    began = time.process_time()
    replies = [burn(one, None) for one in events[UNTIMED:]]
    took = time.process_time() - began
    for reply in replies:
        succeeds(reply)
    return took * 1000 / count


if __name__ == "__main__":
    print(milliseconds(Path(sys.argv[1]), int(sys.argv[2])), file=sys.stderr)
