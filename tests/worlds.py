"""An account that has one of everything, in a deployment of this process."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from local.standins.dodo import Provider
from tests.aws import Answer, Deployment, provider_event
from tests.world import World


def world(deployment: Deployment, provider: Provider, account: str) -> World:
    """It is empty until it is filled."""

    def send(method: str, path: str, body: Any, headers: dict[str, str]) -> Answer:
        path, _, query = path.partition("?")
        return deployment.send(method, path, body=body, headers=headers, query=dict(parse_qsl(query)))

    def pay(order: Any) -> str:
        paid = provider.pay(order["checkout_session_id"], {"webhook": False})
        payment_id = str(paid["payment_id"])
        deployment.deliver(provider_event("payment.succeeded", provider.payment(payment_id)))
        return payment_id

    def product(name: str) -> None:
        provider.product(name, {"price": 1000})

    return World(account, send, lambda answer: answer.body, pay, product)
