"""Runs a case of how a peer behaves through Scrip's doors, by the test clock.

A case is data (``cases/*.json``, a file for each peer):

    name        a sentence
    source      which behaviour of the peer it is, and of which family of its tests or page of its docs
    differs     only where the peer's own way is another: what that is (the case shows Scrip's)
    policy, precision   of a unit of its own; without both, the case uses the default unit
    steps       see below

A step does one thing (``VERBS``) and says what must hold after it (``checks.CHECKS``). All else in it are members of
the request's body. A step that does nothing reads the balance. ``at`` is the test clock, and stays until the next;
``of`` is another account of the case; ``key`` is the Idempotency-Key; ``as`` names the lot, burn or hold that is made.
Instants may leave out what is zero at their end: ``2027-01-31``, ``2027-01-31T09:30``.

After every answer the parts of its balance add up; a refusal has changed nothing; at the end each ledger is sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from tests.aws import Answer, Deployment
from tests.http.contract import refused
from tests.peers.checks import CHECKS, INSTANTS, SUMS, Json, instant

CASES: Final = Path(__file__).parent / "cases"
WHERE: Final = frozenset({"at", "of", "key", "as"})

VERBS: Final[Mapping[str, tuple[str, str, str]]] = {
    "grant": ("POST", "/grants", "amount"),
    "burn": ("POST", "/burns", "amount"),
    "quote": ("POST", "/quotes", "amount"),
    "hold": ("POST", "/holds", "amount"),
    "capture": ("POST", "/holds/{}/capture", ""),
    "release": ("POST", "/holds/{}/release", ""),
    "extend": ("POST", "/holds/{}/extend", ""),
    "void": ("POST", "/lots/{}/void", ""),
    "reverse": ("POST", "/burns/{}/reversal", ""),
    "transfer": ("POST", "/transfers", "amount"),
    "freeze": ("POST", "/freeze", ""),
    "unfreeze": ("POST", "/unfreeze", ""),
    "close": ("POST", "/close", ""),
    "allowance": ("PUT", "/allowances/{}", ""),
    "end_allowance": ("DELETE", "/allowances/{}", ""),
    "rate": ("PUT", "/v1/rates/{}", ""),
    "policy": ("PUT", "/v1/units/{}", "policy"),
    "balance_at": ("GET", "/balance", ""),
}
"""What a step may do: method and path (``{}``: what the verb's value names), and the member that the value becomes."""

STATUSES: Final[Mapping[str, int]] = {
    "invalid_request": 400,
    "insufficient_credits": 402,
    "not_found": 404,
    "already_reversed": 409,
    "hold_not_open": 409,
    "lot_not_open": 409,
    "wallet_closed": 409,
    "wallet_frozen": 409,
    "amount_out_of_range": 422,
    "clock_backwards": 422,
    "idempotency_key_reused": 422,
    "policy_violation": 422,
    "precision_exceeded": 422,
}


def load() -> Iterator[Json]:
    """Every case, with its peer."""
    for path in sorted(CASES.glob("*.json")):
        document = json.loads(path.read_text())
        for case in document["cases"]:
            yield {"peer": document["peer"], **case}


class Run:
    """One case under way. ``clock`` is the test clock, ``names`` what the case has named, ``firsts`` the first answer
    to each key of each account."""

    def __init__(self, scrip: Deployment, case: Json, account: str) -> None:
        self.scrip, self.case, self.account = scrip, case, account
        self.clock = ""
        self.unit = f"unit-{account}" if case.keys() & {"policy", "precision"} else None
        self.accounts = {account}
        self.names: dict[tuple[str, str], str] = {}
        self.firsts: dict[tuple[str, str], Answer] = {}
        self._keys = 0

    def whole(self) -> None:
        """The case from its first step to its last. What fails is told with its step and what that was answered."""
        if self.unit:
            self._run(0, {"policy": self.case.get("policy", {})})
        for number, step in enumerate(self.case["steps"], 1):
            self._run(number, step)
        for account in sorted(self.accounts):
            self.scrip.sound(account, self.unit or "credits")

    def _run(self, number: int, step: Json) -> None:
        answer = None
        try:
            answer = self._do(step)
            self._check(step, answer)
        except Exception as error:
            said = f"{answer.status} {answer.text}" if answer else "nothing"
            line = json.dumps(step, ensure_ascii=False)
            raise AssertionError(
                f"step {number}: {line}\nanswered: {said}\n{type(error).__name__}: {error}"
            ) from error

    # What a step does

    def _do(self, step: Json) -> Answer:
        """The answer to what the step does; the balance, where it does nothing."""
        self.clock = instant(step["at"]) if "at" in step else self.clock
        verb = next((name for name in step if name in VERBS), "")
        if not verb:
            return self.read(step, "/balance")
        if verb == "balance_at":
            return self.read(step, "/balance", at=instant(step[verb]))
        body = {name: value for name, value in step.items() if name not in {verb, *WHERE, *CHECKS}}
        if "refused" not in step:
            return self._send(verb, step[verb], body, step)
        before = self._stored()
        answer = self._send(verb, step[verb], body, step)
        assert self._stored() == before, "a refusal changed a wallet"
        return answer

    def _send(self, verb: str, value: Any, said: Json, step: Json) -> Answer:
        method, path, member = VERBS[verb]
        body = self._body(said | ({member: value} if member and value is not None else {}))
        if verb == "policy":
            path, body = path.format(self.unit), body | {"precision": self.case.get("precision", 6)}
        elif verb == "rate":
            path, body = path.format(self._of_case(value)), body | self._in_unit()
        else:
            path = f"/v1/accounts/{self.owner(step)}{path.format(self.named(step, value))}"
            body |= self._in_unit()
        request: Json = {"clock": self.clock or None}
        if method == "DELETE":
            return self.scrip.send(method, path, query=body, **request)
        if method == "POST" and verb != "quote":
            request["key"] = self._key(step)
        answer = self.scrip.send(method, path, body=body, **request)
        if "key" in request and answer.status == 201:
            self.firsts.setdefault((self.owner(step), request["key"]), answer)
        return answer

    def _body(self, said: Json) -> Json:
        """The members of a body, with the instants in full and the accounts and meters of this case."""
        body = {name: instant(value) if name in INSTANTS else value for name, value in said.items()}
        if "to" in body:
            body["to_account"] = self.owner({"of": body.pop("to")})
        if "meter" in body:
            body["meter"] = self._of_case(body["meter"])
        if "scope" in body:
            body["scope"] = [self._of_case(meter) for meter in body["scope"]]
        return body

    def read(self, step: Json, path: str, **query: str) -> Answer:
        """What is there, by the test clock."""
        query |= self._in_unit()
        return self.scrip.get(f"/v1/accounts/{self.owner(step)}{path}", query=query, clock=self.clock)

    def owner(self, step: Json) -> str:
        """The account that a step is about."""
        account = self._of_case(step["of"]) if step.get("of") else self.account
        self.accounts.add(account)
        return account

    def _stored(self) -> dict[str, list[Any]]:
        """What lies in the tables of each account that has anything."""
        wallets = {account: self.scrip.wallet(account, self.unit or "credits") for account in self.accounts}
        return {account: items for account, items in wallets.items() if items}

    def _of_case(self, name: str) -> str:
        return f"{self.account}-{name}"

    def _in_unit(self) -> dict[str, str]:
        return {"unit": self.unit} if self.unit else {}

    def _key(self, step: Json) -> str:
        self._keys += 1
        return str(step.get("key", f"step-{self._keys}"))

    # What must hold after it

    def _check(self, step: Json, answer: Answer) -> None:
        if "refused" in step:
            refused(answer, STATUSES[step["refused"]], step["refused"])
        else:
            assert answer.status in (200, 201, 204), "it was refused"
            self._adds_up(answer)
        if "as" in step:
            part = "hold" if "hold" in step else "lot" if "grant" in step else "entry"
            self.names[self.owner(step), step["as"]] = answer.body[part][f"{part}_id"]
        for name, expected in step.items():
            if name in CHECKS:
                CHECKS[name](self, step, answer, expected)

    def _adds_up(self, answer: Answer) -> None:
        """Law 1, in what is answered."""
        told = self._told(answer)
        if told:
            total, available, held, frozen, pending, owed = (Decimal(told[name]) for name in SUMS)
            assert total == available + held + frozen + pending - owed, "the balance does not add up"
            assert sum(map(Decimal, told["by_category"].values())) == available, (
                "its categories do not add up"
            )

    def _told(self, answer: Answer) -> Json:
        body: Json = answer.body or {}
        balance: Json = body.get("balance", body)
        return balance if "by_category" in balance else {}

    def balance(self, step: Json, answer: Answer) -> Json:
        """The balance that was answered; the present one, where none was."""
        return self._told(answer) or self._told(self.read(step, "/balance"))

    def listed(self, step: Json, **query: str) -> list[Json]:
        """The wallet's lots."""
        found: list[Json] = self.read(step, "/lots", limit="1000", **query).body["items"]
        return found

    def named(self, step: Json, name: Any) -> Any:
        """The id of what the case calls so; the name itself, where that is nothing of the case."""
        return self.names.get((self.owner(step), name), name)

    def name_of(self, step: Json, thing: str) -> str:
        """What the case calls an id; the id itself, where it has no name."""
        owner = self.owner(step)
        return next(
            (name for (of, name), known in self.names.items() if (of, known) == (owner, thing)), thing
        )
