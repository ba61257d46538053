"""Requests as a well-behaved client sends them: each under a key, again under the same key where no answer came or the
answer says when to come back. And the books: everything that was asked, and what was said of it."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

Json = dict[str, Any]
TIMEOUT_SECONDS: Final = 30.0
"""As long as an HTTP API waits for its function."""
TRIES: Final = 12
"""Of one request. Who was told to come back as often as this gives up, which is counted."""
LONGEST_WAIT: Final = 1.0
"""Seconds between two tries, less than most answers ask for: this is to be a crowd."""
REFERENCE: Final = "load"
"""Type of the reference that every request carries; its id is the request's key."""
REFUSALS: Final = frozenset(
    {
        (402, "insufficient_credits"),
        (409, "hold_not_open"),
        (409, "lot_not_open"),
        (409, "already_reversed"),
        (422, "amount_out_of_range"),
        (422, "policy_violation"),
    }
)
"""What a client of this mix may be refused for. Any other answer that is no success is a finding."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An entry that a client was told of: under which key, what it is, and its amount."""

    account: str
    entry_id: str
    kind: str
    amount: str


@dataclass(slots=True)
class Purchase:
    """A payment at a stand-in, and what was refunded of it: the credits that must be clawed back, one way or another
    where the answer to a refund was never heard."""

    provider: str
    account: str
    topup_id: str
    session: str
    payment_id: str
    granted: int
    clawed: set[int]
    paid_at: float


@dataclass(slots=True)
class Books:
    """What all clients asked and were told. Safe for threads."""

    asked: dict[str, str] = field(default_factory=dict)
    """The account of each key that was sent."""
    received: set[str] = field(default_factory=set)
    """Accounts that somebody was to transfer to."""
    told: dict[str, Answered] = field(default_factory=dict)
    """By key."""
    refused: set[str] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
    """Keys of which a try had no answer: what it did may come after what a later try was told."""
    purchases: list[Purchase] = field(default_factory=list)
    statuses: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    """By operation: how often each status, with the problem's code."""
    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    """By operation: of each try that had an answer."""
    findings: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """Tries, tries again, replays, requests given up."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def found(self, finding: str) -> None:
        print(f"finding: {finding}", flush=True)
        with self.lock:
            self.findings.append(finding)

    def ask(self, key: str, account: str) -> None:
        with self.lock:
            self.asked[key] = account

    def tell(self, key: str, account: str, entry: Mapping[str, Any]) -> None:
        """A client was told of this entry, as the answer to ``key``."""
        told = Answered(account, entry["entry_id"], entry["kind"], entry["amount"])
        with self.lock:
            if self.told.setdefault(key, told) != told:
                self.findings.append(f"{key}: two answers under one key")

    def refuse(self, key: str) -> None:
        with self.lock:
            self.refused.add(key)

    def note(self, operation: str, milliseconds: float | None, status: str) -> None:
        with self.lock:
            self.counts["tries"] += 1
            self.statuses[operation][status] += 1
            if milliseconds is not None:
                self.milliseconds[operation].append(milliseconds)


class Asking:
    """One client's connection."""

    def __init__(self, url: str, api_key: str, books: Books, chance: random.Random) -> None:
        headers = {"authorization": f"Bearer {api_key}"}
        self._http = httpx.Client(base_url=url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False)
        self.books, self._chance = books, chance

    def close(self) -> None:
        self._http.close()

    def send(
        self,
        operation: str,
        method: str,
        path: str,
        body: Json | None = None,
        key: str = "",
        keys: tuple[str, ...] = (),
    ) -> httpx.Response | None:
        """The last answer to a request; None where it was given up. ``keys``: a batch's, which has none itself."""
        headers = {"idempotency-key": key} if key else {}
        keys = keys or ((key,) if key else ())
        for number in range(TRIES):
            if number:
                self.books.counts["tries again"] += 1
            began = time.perf_counter()
            try:
                answer = self._http.request(method, path, json=body, headers=headers)
            except httpx.TransportError as error:
                self.books.note(operation, None, type(error).__name__)
                self._doubt(keys)
                time.sleep(self._chance.uniform(0, LONGEST_WAIT))
                continue
            self.books.note(operation, (time.perf_counter() - began) * 1000, said(answer))
            if "idempotent-replay" in answer.headers:
                self.books.counts["replays"] += 1
            if answer.status_code in (409, 429, 503) and "retry-after" in answer.headers:
                if answer.status_code == 503:
                    self._doubt(keys)
                wait = min(LONGEST_WAIT, float(answer.headers["retry-after"]))
                time.sleep(self._chance.uniform(0, wait))
                continue
            self._judge(operation, answer)
            if answer.status_code >= 500:
                self._doubt(keys)
            return answer
        self.books.counts["given up"] += 1
        self._doubt(keys)
        return None

    def _doubt(self, keys: tuple[str, ...]) -> None:
        with self.books.lock:
            self.books.unsure.update(keys)

    def _judge(self, operation: str, answer: httpx.Response) -> None:
        if answer.is_success or (answer.status_code, code(answer)) in REFUSALS:
            return
        self.books.found(f"{operation}: {said(answer)}: {answer.text[:300]}")


def code(answer: httpx.Response) -> str:
    """The code of a problem document; empty where there is none."""
    if answer.headers.get("content-type") != "application/problem+json":
        return ""
    return str(answer.json().get("code", ""))


def said(answer: httpx.Response) -> str:
    return f"{answer.status_code} {code(answer)}".strip()
