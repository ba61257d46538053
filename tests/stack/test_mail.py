"""A customer is written to from the deployed bus, once, and ends that by the link in the letter. The local AWS shows
what was sent."""

from __future__ import annotations

import re
import uuid
from typing import Any

import httpx
import pytest

from tests.stack.conftest import EMAIL_FROM, App

Json = dict[str, Any]


@pytest.fixture
def address(stack: App) -> str:
    """An address that nobody else has, of a deployment whose own is verified."""
    stack.stack.client("sesv2").create_email_identity(EmailIdentity=EMAIL_FROM)
    return f"ann-{uuid.uuid4().hex[:8]}@example.com"


def sent(stack: App, address: str) -> list[Json]:
    """What went to an address."""
    answer = httpx.get(f"{stack.stack.endpoint_url}/_ministack/ses/messages", trust_env=False)
    assert answer.status_code == 200, answer.text
    return [one for of in answer.json()["messages"].values() for one in of if address in one["To"]]


def test_a_customer_hears_of_a_low_balance_once_and_no_more_after_the_link_was_followed(
    stack: App, account: str, address: str
) -> None:
    """100 granted and 60 burned cross 50: one letter, in German. Then the button is pressed: 60 more cross it again,
    and nothing is sent."""
    unit = f"u{uuid.uuid4().hex[:8]}"
    policy = {"precision": 0, "name": "Bilder", "policy": {"low_balance": ["50"]}}
    assert stack.client.put(f"/v1/units/{unit}", json=policy).status_code == 201
    profile = {"email": address, "locale": "de-DE"}
    assert stack.client.put(f"/v1/accounts/{account}/profile", json=profile).status_code == 201
    stack.grant(account, "100", unit=unit)
    assert stack.burn(account, "60", unit=unit).status_code == 201

    (letter,) = stack.eventually(lambda: sent(stack, address), 60)
    assert (letter["Source"], letter["Subject"]) == (EMAIL_FROM, "Ihr Guthaben: noch 40 Bilder")
    found = re.search(r"https://[^/\s]+(/v1/letters/[\w.-]+)", letter["BodyText"])
    assert found
    with httpx.Client(base_url=stack.url, trust_env=False, timeout=60) as nobody:
        page = nobody.get(found[1], headers={"accept-language": "es"})
        assert (page.status_code, "<form" in page.text) == (200, True)
        assert nobody.post(found[1], data={"List-Unsubscribe": "One-Click"}).status_code == 200
        assert nobody.get(found[1] + "A").status_code == 404

    stack.grant(account, "60", unit=unit)
    assert stack.burn(account, "60", unit=unit).status_code == 201
    other, second = f"{account}-2", address.replace("ann", "bob")
    profile = {"email": second}
    assert stack.client.put(f"/v1/accounts/{other}/profile", json=profile).status_code == 201
    stack.grant(other, "100", unit=unit)
    assert stack.burn(other, "60", unit=unit).status_code == 201
    stack.eventually(lambda: sent(stack, second), 60)
    assert len(sent(stack, address)) == 1, "what came later was sent, and this was not"
