"""Every provider's module keeps the promises of ``Webhook``, whatever is sent to it. A new one is tested here as it is
added, by its samples in events/webhooks; all it needs is its line in ``SIGNERS``."""

from __future__ import annotations

import base64
import hashlib
import hmac
import inspect
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.standins.dodo import sign
from scrip.domain.payments.delivery import Delivery
from scrip.providers import webhooks
from scrip.providers.signatures import BadSignature, NoSecrets
from scrip.providers.webhooks import Webhook, webhook
from tests.providers.samples import ODD, WEBHOOKS, body, distorted, steady

NOW = 1793611000
PROVIDERS = sorted(webhooks.names())
SAMPLES = sorted(path.stem for path in WEBHOOKS.glob("*.json") if path.stem.split("_")[0] in PROVIDERS)

Headers = dict[str, str]


def _standard(raw: bytes, secret: str) -> Headers:
    return sign(secret, "msg_1", raw, NOW)


def _hex(secret: str, text: bytes) -> str:
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def _stripe(raw: bytes, secret: str) -> Headers:
    return {"stripe-signature": f"t={NOW},v1={_hex(secret, f'{NOW}.'.encode() + raw)}"}


def _paddle(raw: bytes, secret: str) -> Headers:
    return {"paddle-signature": f"ts={NOW};h1={_hex(secret, f'{NOW}:'.encode() + raw)}"}


SIGNERS: dict[str, Callable[[bytes, str], Headers]] = {
    "dodo": _standard,
    "paddle": _paddle,
    "standard": _standard,
    "stripe": _stripe,
}


def _secret(provider: str) -> str:
    """A secret that any of the schemes takes."""
    return "whsec_" + base64.b64encode(f"32 bytes for {provider:19}".encode()).decode()


def known(provider: str) -> Webhook:
    found = webhook(provider)
    assert found
    return found


def accepts(provider: str, raw: bytes, headers: Headers, secret: str) -> bool:
    try:
        return bool(known(provider).verify(raw, headers, [secret], NOW * 1000))
    except BadSignature:
        return False


def sample(provider: str) -> bytes:
    return (WEBHOOKS / f"{next(name for name in SAMPLES if name.startswith(provider))}.json").read_bytes()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_module_has_its_own_name_and_both_functions_as_they_are_asked_for(provider: str) -> None:
    module = known(provider)

    assert provider == module.PROVIDER
    for name in ("verify", "translate"):
        ours, asked = getattr(module, name), getattr(Webhook, name)
        assert list(inspect.signature(ours).parameters) == list(inspect.signature(asked).parameters)[1:]
        assert get_type_hints(ours) == get_type_hints(asked)


def test_tries_to_pay_a_period_have_one_name_where_an_invoice_or_a_transaction_is_tried_again() -> None:
    """At Stripe the invoice is, at Paddle the transaction; each of Dodo's is a payment of its own."""
    found = {provider: known(provider).ONE_NAME for provider in PROVIDERS}
    assert found == {"dodo": False, "paddle": True, "standard": False, "stripe": True}


def test_there_is_no_provider_of_another_name() -> None:
    assert webhook("nobody") is None
    assert webhook("__init__") is None
    assert webhook("") is None


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_facts_of_its_own_provider_or_means_nothing_and_none_of_it_is_parked(name: str) -> None:
    provider = name.split("_")[0]

    delivery = known(provider).translate(body(name), None)

    assert delivery.provider == provider
    assert delivery.parked == ()
    assert not delivery.facts or delivery.payment_id


@pytest.mark.parametrize("name", SAMPLES)
@steady
@given(data=st.data())
def test_whatever_a_body_holds_it_is_translated_and_survives_the_queue(
    name: str, data: st.DataObject
) -> None:
    module = known(name.split("_")[0])
    ours = data.draw(st.sampled_from([None, "", "bus_wk4Topups9", "false"]))

    delivery = module.translate(distorted(body(name), data), ours)

    assert Delivery.from_dict(json.loads(json.dumps(delivery.to_dict()))) == delivery
    # No name, address or card tail gets into what is logged or shown.
    shown = " ".join(f"{parked.about} {parked.reason}" for parked in delivery.parked) + delivery.type
    assert "example" not in shown.lower()
    assert "customer@" not in shown


@pytest.mark.parametrize("provider", PROVIDERS)
@steady
@given(odd=ODD | st.recursive(ODD, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_what_is_no_webhook_at_all_is_parked_and_nothing_else(provider: str, odd: Any) -> None:
    delivery = known(provider).translate(odd, None)

    assert delivery.facts == ()
    assert len(delivery.parked) == 1
    assert delivery.payment_id is None


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_signature_of_its_own_is_accepted_and_names_the_delivery_in_each_retry_the_same(
    provider: str,
) -> None:
    raw, secret = sample(provider), _secret(provider)

    first, again = (
        known(provider).verify(raw, SIGNERS[provider](raw, secret), [secret], NOW * 1000) for _ in range(2)
    )

    assert first == again
    assert not accepts(provider, raw + b" ", SIGNERS[provider](raw, secret), secret)
    with pytest.raises(NoSecrets):
        known(provider).verify(raw, SIGNERS[provider](raw, secret), [], NOW * 1000)


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("other", SIGNERS)
def test_another_providers_signature_is_refused_even_where_the_scheme_is_the_same(
    provider: str, other: str
) -> None:
    raw = sample(provider)
    headers = SIGNERS[other](raw, _secret(other))

    assert accepts(provider, raw, headers, _secret(provider)) == (provider == other)
    # And where somebody used one secret for both, only the same scheme is good.
    one_scheme = SIGNERS[provider] is SIGNERS[other]
    assert accepts(provider, raw, SIGNERS[other](raw, _secret("both")), _secret("both")) == one_scheme


@pytest.mark.parametrize("provider", PROVIDERS)
@steady
@given(
    headers=st.dictionaries(
        st.sampled_from(
            ["webhook-id", "webhook-timestamp", "webhook-signature", "stripe-signature", "paddle-signature"]
        ),
        st.text(max_size=60) | st.sampled_from(["msg_1", str(NOW), f"t={NOW},v1=00", f"ts={NOW};h1=00"]),
    ),
    raw=st.binary(max_size=40),
)
def test_hostile_headers_are_a_bad_signature_and_never_another_error(
    provider: str, headers: Headers, raw: bytes
) -> None:
    assert not accepts(provider, raw, headers, _secret(provider))


def test_webhooks_are_read_without_any_providers_sdk() -> None:
    """They cost a quarter of a second and 35 MiB each."""
    code = (
        "import sys; from scrip.providers import webhooks\n"
        "[webhooks.webhook(name) for name in webhooks.names()]\n"
        "print(sorted({'stripe', 'dodopayments', 'paddle_billing', 'boto3', 'httpx'} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
