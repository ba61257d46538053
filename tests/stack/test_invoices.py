"""Credits on invoices against the local AWS, by the function's own rights: many at once, found again (laws 1, 3)."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx

from tests.stack.conftest import App

Json = dict[str, Any]
LINE: Json = {"line_id": "seats", "description": "5 seats", "amount": 5000, "tax": 1000}


def unit(app: App) -> str:
    """A new unit, of which a credit is worth 1.00."""
    name = f"dollars-{uuid.uuid4().hex[:8]}"
    policy = {"value": {"amount": 100, "currency": "USD"}}
    answer = app.client.put(f"/v1/units/{name}", json={"precision": 2, "policy": policy})
    assert answer.status_code == 201, answer.text
    return name


def test_many_at_once_pay_a_line_once_and_a_void_among_them_gives_all_of_it_back(stack: App) -> None:
    """Nine ask for 10 of 100 credits each, for 60.00: six get them, and three find nothing left. Then three more ask
    for a second line while the invoice is voided twice: 100 credits are there again."""
    name = unit(stack)
    account, invoice = f"acme-{name}", f"INV-{name}"
    stack.grant(account, "100", unit=name, kind="paid", cost_basis={"amount": 8000, "currency": "USD"})
    said = {"account": account, "unit": name, "currency": "USD", "tax": "after", "max": "10"}

    def apply(line: Json) -> httpx.Response:
        """Asks again where it lost against the others, under the same key, as clients do."""
        body, key = {**said, "lines": [line]}, f"apply-{uuid.uuid4()}"
        for _ in range(9):
            answer = stack.post(f"/v1/invoices/{invoice}/applications", body, key=key)
            if answer.status_code != 503:
                break
        return answer

    def void(_: int) -> httpx.Response:
        return stack.post(f"/v1/invoices/{invoice}/void", {})

    with ThreadPoolExecutor(9) as pool:
        answers = list(pool.map(apply, [LINE] * 9))
        assert sorted(one.status_code for one in answers) == [201] * 6 + [422] * 3
        found = stack.get(f"/v1/invoices/{invoice}")
        assert (found["applied"]["amount"], found["lines"][0]["left"]) == (6000, 0)
        assert stack.balance(account, unit=name)["available"] == "40"
        more = [pool.submit(apply, {**LINE, "line_id": "more"}) for _ in range(3)]
        voids = list(pool.map(void, range(2)))
        late = [one.result() for one in more]
    assert {one.status_code for one in late} <= {201, 409}
    assert sorted(one.status_code for one in voids) == [201, 409]
    assert stack.balance(account, unit=name)["available"] == "100"
    found = stack.get(f"/v1/invoices/{invoice}")
    made = 6 + sum(one.status_code == 201 for one in late)
    assert (found["status"], len(found["applications"]), len(found["reversal_entry_ids"])) == (
        "void",
        made,
        made,
    )
    assert stack.verify(account, name)["findings"] == []

    def referenced() -> bool:
        items = stack.get("/v1/search", reference=f"invoice:{invoice}", limit=100)["items"]
        return sorted(one["kind"] for one in items) == ["burn"] * made + ["reversal"] * made

    assert stack.eventually(referenced)
