"""One event in, one answer out. API Gateway has found the route; here is decided who may, what was said, and when.

In this order: access, query parameters and the test clock, body size, content type, form of the body, then of the
path, the idempotency key. Then the one call into services. A refusal on the way is the answer; anything else that is
raised is a fault of ours, and Lambda's to report.

A request prints one line: its metric, in CloudWatch's embedded format, with what a support person needs beside it.
"""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar
from urllib.parse import unquote

from pydantic import ValidationError

from scrip import invocation, runtime
from scrip.domain.credits import ids
from scrip.domain.credits.duplicates import duplicates
from scrip.domain.credits.errors import (
    BodyTooLarge,
    Forbidden,
    InvalidRequest,
    KeyMissing,
    NotFound,
    Refusal,
    Unauthenticated,
    UnsupportedMediaType,
)
from scrip.http.edge import customers, parameters
from scrip.http.edge.access import Access
from scrip.http.edge.answers import Answer, Table, answer
from scrip.http.edge.bodies import Body, MovementBody, NamedBody, UseBody
from scrip.http.edge.mistakes import mistakes
from scrip.http.edge.problems import problem
from scrip.services.audit.changes import Author
from scrip.services.engine.executor import Moment
from scrip.services.engine.requests import Caller, WalletRequest

BODY_BYTES: Final = 256 * 1024


MARGIN_MS: Final = 3_000
"""Time kept back for what is under way and for the answer."""
BODILESS: Final = ("GET ", "DELETE ")
"""How the keys of routes begin that have no body."""
CLOCK: Final = "scrip-test-clock"
_KEY = re.compile(parameters.KEY_PATTERN.strip("^$"))
Event = Mapping[str, Any]
Model = TypeVar("Model", bound=Body)


class HttpRequest:
    """What a caller sent, each part checked when it is asked for.

    ``query`` are the parameters of the route, once ``serve`` has checked them.
    """

    query: parameters.Query

    def __init__(self, event: Event, context: Any = None) -> None:
        self._event, self._context = event, context
        self._body_bytes = BODY_BYTES
        self.headers: Mapping[str, str] = {
            name.lower(): value for name, value in (event.get("headers") or {}).items()
        }
        self.path: Mapping[str, str] = event.get("pathParameters") or {}
        self.access = Access.of(event, self.headers)

    @property
    def account(self) -> str:
        return parameters.identifier(self.path, "account")

    @property
    def bound(self) -> str | None:
        """Returns the one account that the caller's key sees; None: it sees all."""
        return (self.access.account if self.access else "") or None

    @property
    def actor(self) -> str:
        return f"key:{self.access.key_id if self.access else ''}"

    @property
    def actor_name(self) -> str | None:
        """Returns the name of the caller's key; None where it has none."""
        return (self.access.name if self.access else "") or None

    def enter(self, scope: str, bound: bool) -> None:
        """Checks that the caller is known, has ``scope``, and may see the account in the path.

        Args:
            bound: whether a key of one account may ask, though the path names none.

        Raises:
            Unauthenticated: the authorizer knows nobody by the key that was sent, or the key is over.
            Throttled: the key has had its requests of this second.
            Forbidden: it has not or may not, or it sets the test clock and is not ``admin``.
        """
        if self.access is None:
            raise Unauthenticated("the API key is not known: it is misspelt, was deleted, or is over")
        self.access.admit()
        self.access.require(scope)
        if CLOCK in self.headers and "admin" not in self.access.scopes:
            raise Forbidden("the test clock needs a key with scope admin", scope="admin")
        if "account" in self.path:
            self.access.see(unquote(self.path["account"]))
        elif not bound:
            self.access.see("")

    def allow(self, scope: str) -> None:
        """Raises ``Forbidden`` where the caller's key has not this scope."""
        if self.access:
            self.access.require(scope)

    def has(self, scope: str) -> bool:
        """Tells whether the caller's key has at least ``scope``."""
        try:
            self.allow(scope)
        except Forbidden:
            return False
        return True

    def allow_account(self, account: str) -> None:
        """Raises ``Forbidden`` where the caller's key is bound to another account."""
        if self.access:
            self.access.see(account)

    @contextmanager
    def hiding(self) -> Iterator[None]:
        """Turns ``NotFound`` into ``Forbidden`` for a key of one account, so that it cannot learn what others have.

        Raises:
            Forbidden: something was not found, and the caller's key is bound to an account.
        """
        try:
            yield
        except NotFound:
            self.allow_account("")
            raise

    def time_left(self) -> bool:
        """Returns whether this function's time suffices for something more."""
        return self._context is None or self._context.get_remaining_time_in_millis() > MARGIN_MS

    def admit(self, route: Route) -> None:
        """Checks what may be wrong with any request of the route, whatever its own function reads of it.

        Raises:
            InvalidRequest: a query parameter is unknown or comes twice, there is a body where the route has none, or
                the test clock is not right.
        """
        event = self._event
        self._body_bytes = route.body_bytes
        raw, given = event.get("rawQueryString") or "", event.get("queryStringParameters") or {}
        self.query = parameters.Query(
            raw, given, route.query, json.dumps([event["routeKey"], dict(self.path)])
        )
        if event.get("body") and event["routeKey"].startswith(BODILESS):
            raise InvalidRequest([("body", "is not a part of this request: leave it out")])
        if CLOCK in self.headers:
            self.moment()

    def again(self) -> Event:
        """Returns what makes the same request once more later: an event without body, and without who makes it."""
        kept = ("routeKey", "pathParameters", "rawQueryString", "queryStringParameters")
        said = {name: self.headers[name] for name in ("accept", CLOCK) if name in self.headers}
        return {**{name: self._event[name] for name in kept if name in self._event}, "headers": said}

    def page(self, document: Any) -> Answer:
        """Makes the answer that carries a page of a list. Its cursor is good for this list and its filters alone."""
        return answer(200, {**document, "next_cursor": self.query.bind(document["next_cursor"])})

    def raw_body(self) -> bytes:
        """Returns the body's own bytes, decoded where the gateway encoded them.

        Raises:
            BodyTooLarge: it has more bytes than bodies of the route may have.
            InvalidRequest: it is not what its encoding says.
        """
        text, most = self._event.get("body") or "", self._body_bytes
        if len(text) > most * 4 // 3 + 4:
            raise BodyTooLarge(f"the body has more than {most} bytes", limit=most)
        try:
            raw = (
                base64.b64decode(text, validate=True)
                if self._event.get("isBase64Encoded")
                else text.encode("utf-8", "surrogatepass")
            )
        except ValueError as error:
            raise InvalidRequest([("body", "must be base64, as isBase64Encoded says")]) from error
        if len(raw) > most:
            raise BodyTooLarge(f"the body has more than {most} bytes", limit=most)
        return raw

    def body(self, model: type[Model]) -> Model:
        """Parses the JSON body as ``model``. If the model allows it, a missing body counts as an empty object.

        Raises:
            BodyTooLarge: it has more bytes than bodies of the route may have.
            UnsupportedMediaType: it is not sent as JSON.
            InvalidRequest: with a line for each field that is wrong, or that comes twice.
        """
        raw = self.raw_body()
        if not raw and model.may_be_missing:
            return model()
        if self.media_type() != "application/json":
            raise UnsupportedMediaType("send content-type: application/json")
        twice = duplicates(self._text(raw))
        if twice:
            told = twice[: parameters.ERRORS_TOLD]
            raise InvalidRequest([(parameters.shown(field) or "body", parameters.TWICE) for field in told])
        try:
            return model.model_validate_json(raw)
        except ValidationError as error:
            raise InvalidRequest(mistakes(error)) from error

    def media_type(self) -> str:
        """Returns what the body is said to be, in small letters and without parameters; empty where it is not said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def text(self) -> str:
        """Returns the body as text. Raises ``BodyTooLarge``, or ``InvalidRequest`` where it is not UTF-8."""
        return self._text(self.raw_body())

    def _text(self, raw: bytes) -> str:
        """Decodes the body.

        The gateway passes a body of JSON as text. Bytes that were not UTF-8 come as U+FFFD, which is three bytes: the
        length that the caller sent tells them from a U+FFFD of the caller's own.

        Raises:
            InvalidRequest: the bytes that were sent are not UTF-8.
        """
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InvalidRequest([("body", "must be UTF-8")]) from error
        replaced = "\ufffd" in text and not self._event.get("isBase64Encoded")
        if replaced and self.headers.get("content-length") != str(len(raw)):
            raise InvalidRequest([("body", "must be UTF-8; write U+FFFD, if it is meant, as \\ufffd")])
        return text

    def idempotency_key(self) -> str | None:
        """Returns the Idempotency-Key; None where there is none.

        Raises:
            InvalidRequest: it is not 1 to 255 printable ASCII characters.
        """
        key = self.headers.get("idempotency-key")
        if key is not None and not _KEY.fullmatch(key):
            raise InvalidRequest([("Idempotency-Key", parameters.KEY_FORM)])
        return key

    def caller(self) -> Caller:
        """Reads who asks, when, and under which key.

        Raises:
            KeyMissing: there is no Idempotency-Key.
            InvalidRequest: it is not 1 to 255 printable ASCII characters; or the test clock is not right.
        """
        moment = self.moment()
        key = self.idempotency_key()
        if key is None:
            raise KeyMissing("send an Idempotency-Key: the same request again, the same key")
        return Caller(key, self.actor, moment, self.actor_name)

    def of_wallet(
        self, body: MovementBody, caller: Caller | None = None, account: str | None = None
    ) -> WalletRequest:
        """Returns the request to change a wallet in the body's unit.

        Args:
            caller: None for the one of the headers, whose key is the Idempotency-Key.
            account: None for that of the path.

        Raises:
            InvalidRequest, KeyMissing: as ``account`` and ``caller``.
        """
        account, caller = account or self.account, caller or self.caller()
        reference = (body.reference.type, body.reference.id) if body.reference else None
        return WalletRequest(
            account,
            body.unit,
            caller.key,
            caller.actor,
            caller.moment,
            reference,
            body.reason,
            body.metadata,
            caller.actor_name,
            *((body.member, body.tags) if isinstance(body, UseBody) else ()),
        )

    def named(
        self,
        kind: ids.Kind,
        said: str | None,
        names: Mapping[str, str] | None = None,
        account: str | None = None,
    ) -> tuple[str, ids.GivenId]:
        """Returns the unit of the entry, lot or hold that the path names, and its id: the unit follows from the id.

        Args:
            said: the unit that the caller names; None: none.
            names: what names it instead of the path.
            account: None for that of the path.

        Raises:
            NotFound: the text is no such id, or is one of another account's or unit's wallet.
        """
        account = account or self.account
        given = parameters.given(self.path if names is None else names, kind)
        if said is None:
            unit = runtime.executor().unit_of(account, given.wallet)
        else:
            unit = said if ids.wallet_hash(account, said) == given.wallet else None
        if unit is None:
            where = f"{account} has no {kind} {given.text}" + (f" in {said}" if said else "")
            raise NotFound(where, **{f"{kind}_id": given.text})
        return unit, given

    def of_named(self, kind: ids.Kind, body: NamedBody) -> tuple[WalletRequest, ids.GivenId]:
        """Returns the request to change the wallet of what the path names, and its id.

        Raises:
            InvalidRequest, KeyMissing: as ``of_wallet``.
            NotFound: as ``named``.
        """
        asked = self.of_wallet(body)
        unit, given = self.named(kind, body.unit)
        return replace(asked, unit=unit), given

    def author(self) -> Author:
        """Returns who changes something that is no wallet, and when.

        Raises:
            InvalidRequest: the test clock is not right.
        """
        request_id = self._event.get("requestContext", {}).get("requestId")
        return Author(self.actor, self.moment().at, self.actor_name, request_id)

    def moment(self) -> Moment:
        """Returns this machine's clock, or the test clock where it may be set and is.

        Raises:
            InvalidRequest: it is disabled here, or not an instant.
        """
        text = self.headers.get(CLOCK)
        if text is None:
            return Moment(runtime.now())
        if not runtime.settings().test_clock:
            raise InvalidRequest([("Scrip-Test-Clock", "leave it out: the test clock is disabled here")])
        return Moment(parameters.instant(text, "Scrip-Test-Clock"), pinned=True)


@dataclass(frozen=True, slots=True)
class Route:
    """What answers a route.

    Attributes:
        scope: what the caller's key needs; None: the request proves itself in another way.
        query: names of the query parameters that it has.
        table: what of its answer is a table, for whoever accepts CSV; None: nothing.
        bound: whether a key of one account may ask, though the path names no account: what answers then checks whose
            it is, or it is of nobody.
        body_bytes: the most bytes of its body.
    """

    answer: Callable[[HttpRequest], Answer]
    scope: str | None
    query: tuple[str, ...] = ()
    table: Table | None = None
    bound: bool = False
    body_bytes: int = BODY_BYTES


def _in_form(request: HttpRequest, route: Route, reply: Answer, key: str) -> Answer:
    """Returns the answer as CSV, where it is a table and that is asked for."""
    accept = request.headers.get("accept", "")
    if route.table is None or "text/csv" not in accept.lower() or not _is_json(reply):
        return reply
    # Imported where it is needed: no other request pays for it.
    from scrip.http.edge import tables

    if not tables.wanted(accept):
        return reply
    return tables.as_table(reply, route.table, key, request.path, request.query.sent)


def _is_json(reply: Answer) -> bool:
    """Tells whether an answer is a document, and no page for people."""
    return bool(reply["headers"]["content-type"] == "application/json")


def serve(event: Event, routes: Mapping[str, Route], context: Any) -> Answer:
    """Answers one event of an HTTP API (payload format 2.0), within the time that Lambda's ``context`` tells.

    A route that is not among ``routes`` is not found.
    """
    began = time.perf_counter()
    request, route = HttpRequest(event, context), routes.get(event["routeKey"])
    code = ""
    try:
        if route is None:
            raise NotFound("there is no such route: docs/openapi.json has all of them")
        if route.scope:
            request.enter(route.scope, route.bound)
        request.admit(route)
        with invocation.lasting(context):
            reply = route.answer(request)
            if request.bound:
                reply = customers.for_customer(reply)
            reply = _in_form(request, route, reply, event["routeKey"])
    except Refusal as refusal:
        code = refusal.code
        reply = problem(refusal)
    id_ = event.get("requestContext", {}).get("requestId", "")
    reply = {**reply, "headers": {**reply.get("headers", {}), "request-id": id_}}
    about = {"route": event["routeKey"], "status": reply["statusCode"], "id": id_}
    if request.access:
        about["key_id"] = request.access.key_id
    if code:
        about["code"] = code
    runtime.took("Latency", (time.perf_counter() - began) * 1000, about)
    return reply
