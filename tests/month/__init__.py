"""A worked month: what eight accounts bought, used, gave back and moved in November, as requests, and what the books
must say of it, worked out by hand (month.json). One unit of two decimals; USD, JPY and BHD; minor units.

    ann  100.00 over 3 credits: 33.33, then half a credit for 16.67; burns undone whole and in part
    bob  five packs with bonus, a promotion first, 100.00 of 549.95 refunded, 1 000 credits transferred
    cam  tax at redemption: burned, reversed, half of it expires; lives on transferred credits
    dan  yen; one dispute lost after the credits were used, one won
    eve  weekly allowance with rollover; yen with tax at redemption that expires; an invoice kept as credit; a void
    fay  dinars of three decimals; overdraft before anything was bought; a used pack refunded in full; debt repaid
    gus  by hand with cost basis; hold and capture; 50.00 of a payment becomes credit; a debit; a compensation
    hal  1.00 over 7 credits that ends at 18:00 on the last day

Beside it ("invoices") credits of bob, eve and fay are applied to invoices, which are voided on the same day: no report
has another figure for that.

Webhooks have no test clock: they say what happened and move no credit, and the resolutions after them, which have the
clock, book it. The month lies years ahead, since the sweep knows no test clock either."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qsl

if TYPE_CHECKING:
    from tests.aws import Answer

Json = dict[str, Any]
Send = Callable[[Mapping[str, Any]], Json]
"""Sends a step: a request with its method, path, query, body, key and clock, or a webhook. Gives the answer's body."""

YEARS: Final = 4
"""How many years ahead it lies."""


class Asked(Protocol):
    """A Scrip that is asked: its handlers in this process (tests.aws), or all of it over HTTP (tests.stack.books)."""

    def send(self, method: str, path: str, **request: Any) -> Answer:
        """One request, with its ``query``, ``body``, ``key`` and ``clock``."""

    def get(self, path: str, **request: Any) -> Answer: ...

    def put(self, path: str, body: Any, **request: Any) -> Answer: ...

    def post(self, path: str, body: Any, **request: Any) -> Answer: ...

    def deliver(self, *bodies: Any, provider: str) -> None:
        """Webhooks, each of which is applied then."""

    def archived(self, key: str) -> bytes:
        """An object of the archive."""


def through(scrip: Asked) -> Send:
    """What sends a step to a deployment."""

    def send(step: Mapping[str, Any]) -> Json:
        if "webhook" in step:
            scrip.deliver(step["body"], provider=step["webhook"])
            return {}
        request = {"body": step.get("body"), "key": step.get("key"), "clock": step["at"]}
        answer = scrip.send(step["method"], step["path"], query=step["query"], **request)
        assert answer.status in (200, 201, 202), (step, answer.text)
        return answer.body or {}

    return send


@cache
def _text() -> str:
    return (Path(__file__).parent / "month.json").read_text(encoding="utf-8")


@dataclass(slots=True)
class Month:
    """The month of accounts that begin with a prefix; its unit is ``<prefix>tok``."""

    prefix: str
    saved: dict[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Json:
        """All of month.json in these names and this year."""
        text = _text().replace("{p}", self.prefix)
        moved = re.sub(r"\b(20\d\d)-(\d\d)", lambda found: f"{int(found[1]) + YEARS}-{found[2]}", text)
        made: Json = json.loads(moved)
        return made

    @property
    def unit(self) -> str:
        return f"{self.prefix}tok"

    def play(self, send: Send, *steps: str) -> None:
        """Sends every step (or those of these names) in order, with what earlier answers named."""
        said = self.said
        for step in sorted((one for name in steps or ("steps",) for one in said[name]), key=itemgetter("at")):
            answer = send(self._filled(step))
            for path, name in step.get("save", {}).items():
                found: Any = answer
                for part in path.split("."):
                    found = found[part]
                self.saved[name] = found

    def _filled(self, step: Json) -> Json:
        text = json.dumps(step)
        for name, value in self.saved.items():
            text = text.replace("{" + name + "}", value)
        made: Json = json.loads(text)
        if "path" in made:
            made["path"], _, query = made["path"].partition("?")
            made["query"] = dict(parse_qsl(query))
        return made

    def wallets(self) -> Iterator[str]:
        """The accounts that have one."""
        yield from self.said["accounts"]
