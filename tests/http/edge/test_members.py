"""Each member of each body matters: with another value it is another request (law 3), so none is passed nowhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest

from tests.aws import NEW_YEAR, Deployment

pytestmark = pytest.mark.usefixtures("in_memory")

Json = dict[str, Any]
DOCUMENT: Final = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
ELSEWHERE: Final = frozenset(
    {
        "/v1/topups",
        "/v1/payments/{provider}/{payment_id}/refunds",
        "/v1/keys",
        "/v1/keys/{key_id}/rotation",
        "/v1/portal-sessions",
        "/v1/webhook-endpoints/{endpoint_id}/replays",
        "/v1/webhook-endpoints/{endpoint_id}/rotation",
        "/v1/webhook-endpoints/{endpoint_id}/test",
        "/v1/invoices/{invoice_id}/applications",
        "/v1/invoices/{invoice_id}/void",
        "/v1/exports",
    }
)
"""Routes with a key that move nothing of an account's, or name the account otherwise: tests/http/payments,
tests/http/catalogue, tests/http/notifications and tests/http/finance have them."""
NUMBERS: Final = count(1)

ABOUT: Final[Json] = {
    "unit": "members",
    "reference": {"type": "job", "id": "1"},
    "reason": "why",
    "metadata": {"a": "1"},
}
ABOUT_OTHER: Final[Json] = {
    "unit": "members-too",
    "reference.type": "order",
    "reference.id": "2",
    "reason": "because",
    "metadata": {"a": "2"},
}
USE_OTHER: Final[Json] = {"member": "ann", "tags": {"team": "search"}}
TERMS: Final[Json] = {
    "expires_in": "P2M",
    "time_zone": "UTC",
    "end_of": "day",
    "priority": 3,
    "effective_at": "2030-01-02T00:00:00Z",
    "scope": ["members-in"],
}
TERMS_OTHER: Final[Json] = {
    "expires_in": "P3M",
    "time_zone": "Europe/Berlin",
    "end_of": "month",
    "priority": 4,
    "effective_at": "2030-01-03T00:00:00Z",
    "scope": ["members-out"],
}
ENDING, ENDING_OTHER = {"expires_at": "2031-01-01T00:00:00Z"}, {"expires_at": "2032-01-01T00:00:00Z"}
USAGE: Final[Json] = {"meter": "members-in", "quantity": 1, "dimensions": {"kind": "a"}}
USAGE_OTHER: Final[Json] = {"meter": "members-out", "quantity": 2, "dimensions": {"kind": "b"}}
ITEMS: Final[Json] = {"items": [USAGE]}
ITEMS_OTHER: Final[Json] = {f"items.0.{name}": value for name, value in USAGE_OTHER.items()}
LASTING: Final[Json] = {name: TERMS[name] for name in ("expires_in", "time_zone", "end_of")}
LASTING_OTHER: Final[Json] = {name: TERMS_OTHER[name] for name in LASTING}
COUNTED: Final[Json] = {name: USAGE[name] for name in ("quantity", "dimensions")}
COUNTED_OTHER: Final[Json] = {name: USAGE_OTHER[name] for name in COUNTED}

ACCOUNT: Final = "/v1/accounts/{account}"
# A route; a body that it carries out; and other values, each of which alone makes another request of it.
ROWS: Final[list[tuple[str, Json, Json]]] = [
    (
        f"{ACCOUNT}/burns",
        {"amount": "1", "mode": "up_to"},
        {"amount": "2", "mode": "exact", **ABOUT_OTHER, **USE_OTHER},
    ),
    (f"{ACCOUNT}/burns", USAGE, USAGE_OTHER),
    (f"{ACCOUNT}/burns", ITEMS, ITEMS_OTHER),
    (
        f"{ACCOUNT}/holds",
        {"amount": "1", "meter": "members-in", "expires_in": "PT1H", "over_capture": "refuse"},
        {
            "amount": "2",
            "meter": "members-out",
            "expires_in": "PT2H",
            "over_capture": "burn_extra",
            **ABOUT_OTHER,
            **USE_OTHER,
        },
    ),
    (f"{ACCOUNT}/holds", {"amount": "1"}, {"lease": True}),
    (f"{ACCOUNT}/holds", USAGE, USAGE_OTHER),
    (f"{ACCOUNT}/holds", ITEMS, ITEMS_OTHER),
    (
        f"{ACCOUNT}/holds/{{hold_id}}/capture",
        {"amount": "1", "final": False},
        {"amount": "2", "final": True, **ABOUT_OTHER},
    ),
    (f"{ACCOUNT}/holds/{{hold_id}}/capture", COUNTED, COUNTED_OTHER),
    (f"{ACCOUNT}/holds/{{hold_id}}/capture", ITEMS, ITEMS_OTHER),
    (f"{ACCOUNT}/holds/{{hold_id}}/release", {}, ABOUT_OTHER),
    (
        f"{ACCOUNT}/holds/{{hold_id}}/extend",
        {"expires_in": "PT1H"},
        {"expires_in": "PT2H", **ABOUT_OTHER},
    ),
    (
        f"{ACCOUNT}/grants",
        {"amount": "1", "kind": "paid", "cost_basis": {"amount": 5, "currency": "USD"}, **TERMS},
        {
            "amount": "2",
            "cost_basis.amount": 6,
            "cost_basis.currency": "EUR",
            **TERMS_OTHER,
            **ABOUT_OTHER,
        },
    ),
    (
        f"{ACCOUNT}/grants",
        {"amount": "1", "kind": "promotional", **ENDING},
        {"kind": "compensation", **ENDING_OTHER},
    ),
    (
        f"{ACCOUNT}/refunds",
        {
            "value": {"amount": 5, "currency": "USD"},
            "paid": {"amount": 50, "currency": "USD"},
            "source": {"type": "invoice", "id": "{account}-1"},
            "amount": "1",
            **LASTING,
        },
        {
            "value.amount": 6,
            "paid.amount": 51,
            "source.type": "payment",
            "source.id": "{account}-2",
            "amount": "2",
            **LASTING_OTHER,
            **ABOUT_OTHER,
        },
    ),
    (
        f"{ACCOUNT}/transfers",
        {"to_account": "{account}-b", "amount": "1"},
        {"to_account": "{account}-c", "amount": "2", **ABOUT_OTHER},
    ),
    (
        f"{ACCOUNT}/redemptions",
        {
            "code": "members-one",
            "identities": {"email": "a@example.test", "card_fingerprint": "c", "device": "d"},
        },
        {
            "code": "members-two",
            "identities.email": "b@example.test",
            "identities.card_fingerprint": "cc",
            "identities.device": "dd",
            **ABOUT_OTHER,
        },
    ),
    (f"{ACCOUNT}/lots/{{lot_id}}/void", {"amount": "1"}, {"amount": "2", **ABOUT_OTHER}),
    (f"{ACCOUNT}/lots/{{lot_id}}/void", {}, {"as": "mistake"}),
    (
        f"{ACCOUNT}/lots/{{lot_id}}/expiry",
        {"expires_in": "P30D"},
        {"expires_in": "P60D", "force": True, **ABOUT_OTHER},
    ),
    (
        f"{ACCOUNT}/lots/{{lot_id}}/expiry",
        {"expires_at": "2031-01-01T00:00:00Z"},
        {"expires_at": "2032-01-01T00:00:00Z"},
    ),
    (f"{ACCOUNT}/burns/{{entry_id}}/reversal", {"amount": "1"}, {"amount": "2", **ABOUT_OTHER}),
    (f"{ACCOUNT}/burns/{{entry_id}}/reversal", {"amount": "1", "offset": 0}, {"offset": 1}),
    (
        f"{ACCOUNT}/adjustments",
        {"direction": "credit", "amount": "1", **TERMS},
        {"amount": "2", **TERMS_OTHER, **ABOUT_OTHER},
    ),
    (
        f"{ACCOUNT}/adjustments",
        {"direction": "credit", "amount": "1", **ENDING},
        ENDING_OTHER,
    ),
    (f"{ACCOUNT}/adjustments", {"direction": "credit", "amount": "1"}, {"direction": "debit"}),
    (f"{ACCOUNT}/freeze", {}, ABOUT_OTHER),
    (f"{ACCOUNT}/unfreeze", {}, ABOUT_OTHER),
    (f"{ACCOUNT}/close", {}, ABOUT_OTHER),
]
TOGETHER: Final[Mapping[str, frozenset[str]]] = {
    f"{ACCOUNT}/refunds": frozenset({"value.currency", "paid.currency"}),
    f"{ACCOUNT}/lots/{{lot_id}}/expiry": frozenset({"never"}),
    **{f"{ACCOUNT}/{one}": frozenset({"quote"}) for one in ("burns", "holds", "holds/{hold_id}/capture")},
}
"""Members that have one value together: `value`, `paid` are of one currency (`currencies` below); `never` is true, in
the place of another member; `quote` is a token that is made for the request (`test_locks`)."""


def known_members(schema: Json, depth: int = 0, before: str = "") -> Iterator[str]:
    """Yields the members of a body that have values of their own, by their path; those of lists by 0."""
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    parts = [schema, *(part for name in ("oneOf", "anyOf", "allOf") for part in schema.get(name, ()))]
    for part in parts[1:]:
        yield from known_members(part, depth, before)
    for name, form in schema.get("properties", {}).items():
        inner = set(known_members(form, depth + 1, f"{before}{name}."))
        yield from inner or {f"{before}{name}"}
    if "items" in schema and depth < 3:
        yield from known_members(schema["items"], depth + 1, f"{before}0.")


def test_every_member_of_every_route_with_a_key_has_a_row() -> None:
    known: dict[str, set[str]] = {}
    for path, methods in DOCUMENT["paths"].items():
        for operation in methods.values():
            named = json.dumps(operation.get("parameters", []))
            if "requestBody" in operation and "dempotency" in named and path not in ELSEWHERE:
                (content,) = operation["requestBody"]["content"].values()
                members = set(known_members(content["schema"]))
                known[path] = {one for one in members if not any(f"{one}.0." in other for other in members)}
    rows: dict[str, set[str]] = {}
    for path, _, other in ROWS:
        rows.setdefault(path, set()).update(other)
    for path, together in TOGETHER.items():
        rows[path].update(together)
    assert rows == known


class World:
    """An account of two units that are alike, with a lot, a burn and holds in the first."""

    def __init__(self, scrip: Deployment) -> None:
        self.scrip, self.account = scrip, f"members-{next(NUMBERS)}"
        for unit in ("members", "members-too"):
            scrip.put(
                f"/v1/units/{unit}",
                {"precision": 2, "policy": {"transferable": True, "over_capture": "burn_extra"}},
            )
            for code in ("one", "two"):
                scrip.put(
                    f"/v1/promotions/members-{code}",
                    {"unit": "members", "amount": "1", "identities": ["email", "card_fingerprint", "device"]},
                )
        price = {
            "model": "table",
            "by": ["kind"],
            "prices": {one: {"model": "per_unit", "credits": "1"} for one in "ab"},
        }
        for meter in ("members-in", "members-out"):
            scrip.put(f"/v1/rates/{meter}", {"unit": "members", "price": price}, clock=NEW_YEAR)

    def filled(self) -> dict[str, str]:
        """Grants, burns and holds; the ids of what there is then."""
        made = self.scrip.grant(self.account, "100", unit="members", clock=NEW_YEAR)
        self.scrip.grant(self.account, "100", unit="members-too", clock=NEW_YEAR)
        burned = self.ask("burns", amount="5")
        return {"lot_id": made.body["lot"]["lot_id"], "entry_id": burned["entry"]["entry_id"]}

    def ask(self, what: str, **body: Any) -> Any:
        answer = self.scrip.move(self.account, what, unit="members", clock=NEW_YEAR, **body)
        assert answer.status == 201, answer.text
        return answer.body

    def ids(self, path: str, body: Json) -> dict[str, str]:
        """The ids that a row's path names."""
        if path.endswith("/close"):
            return {}
        found = self.filled()
        if path.endswith("/void") and not body:
            found["lot_id"] = self.scrip.grant(self.account, "3", unit="members", clock=NEW_YEAR).body["lot"][
                "lot_id"
            ]
        if "{hold_id}" in path:
            held: Json = {"amount": "10"}
            if "quantity" in body:
                held = {"meter": "members-in", "amount": "10"}
            elif "items" in body:
                use = {"quantity": 5, "dimensions": {"kind": "a"}}
                held = {"items": [{"meter": f"members-{meter}", **use} for meter in ("in", "out")]}
            found["hold_id"] = self.ask("holds", **held)["hold"]["hold_id"]
        if "offset" in body:
            records = {"unit": "members", "stream": "s", "first": 0, "records": [["2", "a"], ["3", "b"]]}
            page = self.scrip.post(f"/v1/accounts/{self.account}/burns/pages", records, clock=NEW_YEAR)
            found["entry_id"] = page.body["entry"]["entry_id"]
        if path.endswith("/unfreeze"):
            self.ask("freeze")
        return found


def changed(body: Json, member: str, value: Any) -> Json:
    """The body with another value of one member, by its path."""
    made = deepcopy(body)
    *above, name = member.split(".")
    inside: Any = made
    for one in above:
        inside = inside[int(one) if one.isdigit() else one]
    inside[name] = value
    return made


def cases() -> Iterator[tuple[int, str]]:
    """Yields each row's number, with each of its members."""
    for number, (_, _, other) in enumerate(ROWS):
        yield from ((number, member) for member in other)


@pytest.mark.parametrize(
    ("number", "member"), list(cases()), ids=lambda one: one if isinstance(one, str) else ROWS[one][0][23:]
)
def test_another_value_of_a_member_is_another_request(scrip: Deployment, number: int, member: str) -> None:
    path, body, other = ROWS[number]
    world = World(scrip)
    named = {"account": world.account, **world.ids(path, body)}
    path = path.format(**named)

    def of_account(value: Any) -> Any:
        return json.loads(json.dumps(value).replace("{account}", world.account))

    first = {**deepcopy(ABOUT), **of_account(body)}
    second = changed(first, member, of_account(other[member]))
    done = scrip.post(path, first, key="k", clock=NEW_YEAR)
    assert done.status == 201, done.text
    again = scrip.post(path, first, key="k", clock=NEW_YEAR)
    assert (again.status, again.replayed) == (201, True), again.text
    answer = scrip.post(path, second, key="k", clock=NEW_YEAR)
    if member == "unit":  # another wallet's key, or an id of another wallet
        assert not answer.replayed
        assert answer.status in (201, 400, 404), answer.text
    else:
        assert (answer.status, answer.code) == (422, "idempotency_key_reused"), answer.text
