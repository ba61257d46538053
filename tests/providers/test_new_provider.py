"""A new provider is a package of its own in ``scrip/providers``: no other file of the code is edited for it.

What a deployment has to be given besides, and so this test gives it:

* ``SCRIP_ACME_WEBHOOK_SECRET_ID``, the id of a secret ``{"webhook_secrets": [...]}``. The template makes the secret,
  names it to the function that takes webhooks, and lets that function read it.
* ``SCRIP_ACME_OURS``, which tells our own traffic from another's; empty: not checked.

docs/openapi.json is made anew for it, which is why answers are not held against the committed one here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]

WEBHOOK = """
from scrip.domain.payments.facts import Paid
from scrip.providers.envelope import Read, Subject, delivered, opened
from scrip.providers.reading import currency, identity, instant, money, optional_identity
from scrip.providers.signatures import verify_standard as verify

PROVIDER = "acme"


def translate(body, ours=None):
    return delivered(PROVIDER, opened(body), _read, _subject)


def _read(event):
    if event.complete("type", "data") != "payment.succeeded":
        raise event.unknown()
    data = event.data
    paid = Paid(
        total=money(data, "amount"),
        tax=None,
        currency=currency(data, "currency"),
        at=instant("at", data.get("at")),
        topup_id=identity(data, "order"),
    )
    return Read(identity(data, "id"), (paid,))


def _subject(data, family):
    return Subject(optional_identity(data, "id"), "payment")
"""


def test_its_package_alone_makes_a_signed_webhook_grant_the_credits_of_an_order(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "layers" / "scrip", tmp_path, dirs_exist_ok=True)
    package = tmp_path / "scrip" / "providers" / "acme"
    package.mkdir()
    (package / "__init__.py").write_text('"""Acme: its webhooks."""\n')
    (package / "webhook.py").write_text(WEBHOOK)

    path = os.pathsep.join([str(tmp_path), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "tests.providers.test_new_provider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "200 paid 10000"


def sell() -> None:
    """Sells a pack at ``acme`` and prints what became of the webhook, the order and the wallet."""
    from tests import rights
    from tests.aws import WEBHOOK_SECRET, Deployment, deployed

    may = rights.may

    def may_as_others(function: str, action: str, thing: str, partition: str) -> bool:
        """Gives ``acme`` the partitions that the template would name for it, as it does for ``standard``."""
        return may(function, action, thing, partition.replace("acme#", "standard#"))

    def undescribed(*_: Any) -> None:
        """Holds no answer against the committed document, which does not know ``acme``."""

    with pytest.MonkeyPatch.context() as patch, deployed() as scrip:
        patch.setattr(Deployment, "_described", staticmethod(undescribed))
        patch.setattr(rights, "may", may_as_others)
        secret_id = scrip.secret("acme-webhooks", {"webhook_secrets": [WEBHOOK_SECRET]})
        patch.setenv("SCRIP_ACME_WEBHOOK_SECRET_ID", secret_id)
        patch.setenv("SCRIP_ACME_OURS", "")
        pack = {
            "credits": "10000",
            "price": {"amount": 10000, "currency": "USD"},
            "provider_refs": {"acme": "p_1"},
        }
        made = scrip.put("/v1/packs/p", pack)
        assert (made.status, made.body["provider_refs"]["acme"]) == (201, "p_1"), made.body
        order = {
            "account": "somebody",
            "pack": "p",
            "provider": "acme",
            "return_url": "https://shop.example.test/done",
            "accept_terms": True,
        }
        ordered = scrip.post("/v1/topups", order, key="order-1")
        assert ordered.status == 201, ordered.body
        topup_id = ordered.body["topup_id"]
        data = {"id": "pay_1", "amount": 10000, "currency": "USD", "order": topup_id, "at": 1793611000}
        said = {"type": "payment.succeeded", "data": data}
        answer = scrip.webhook(said, provider="acme")
        assert scrip.apply(scrip.queued()) == []
        status = scrip.get(f"/v1/topups/{topup_id}").body["status"]
        sys.stdout.write(f"{answer.status} {status} {scrip.balance('somebody')['available']}\n")


if __name__ == "__main__":
    sell()
