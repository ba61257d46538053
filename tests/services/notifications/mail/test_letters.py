"""One event, one letter: to whom, when not, and what is kept of it. The function `mail` in this process, on moto."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.ses.models import ses_backends

from scrip import runtime
from scrip.domain.events.event import Event
from scrip.services.accounts import opt_outs
from scrip.services.notifications.endpoints import outgoing_of
from scrip.services.notifications.mail import letters
from scrip.services.notifications.mail.letters import Office, Written
from scrip.services.notifications.mail.post import PostOffice
from scrip.store.letters import SentLetters
from tests.aws import REGION, Answer, Context, Deployment, function
from tests.http.search.streaming import index
from tests.services.notifications.mail.test_post import Ses, refused

pytestmark = pytest.mark.usefixtures("in_memory")

SENDER = "credits@example.com"
LOW = {"unit": "credits", "threshold": "100", "available": "80", "entry_id": "k.1", "seq": 7}
NOW = "2030-01-05T10:00:00.000Z"


@pytest.fixture
def post(scrip: Deployment, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Everything that SES has taken, in a deployment that writes from a verified address."""
    ses: Any = boto3.client("sesv2", region_name=REGION)
    ses.create_email_identity(EmailIdentity=SENDER)
    monkeypatch.setenv("SCRIP_EMAIL_FROM", SENDER)
    sent: list[Any] = ses_backends["123456789012"][REGION].sent_messages
    sent.clear()
    yield sent
    ses.delete_email_identity(EmailIdentity=SENDER)


def event(account: str, type_: str = "scrip.balance.low", id_: str = "evt_1", **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": id_,
        "type": type_,
        "source": "/scrip/tests",
        "subject": account,
        "time": NOW,
        "datacontenttype": "application/json",
        "data": (LOW if type_ == "scrip.balance.low" else {}) | data,
    }


def bring(*events: dict[str, Any]) -> list[str]:
    """The queue brings events; returns the ids of those that have to come again."""
    records = [
        {
            "messageId": f"m{number}",
            "body": json.dumps({"source": "scrip", "detail-type": one["type"], "detail": one}),
            "eventSource": "aws:sqs",
            "receiptHandle": "r",
            "attributes": {},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:mail",
            "awsRegion": REGION,
        }
        for number, one in enumerate(events)
    ]
    answer = function("mail").handler({"Records": records}, Context())
    return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]


def subjects(post: list[Any]) -> list[str]:
    return [str(one.subject) for one in post]


def link_in(message: Any) -> str:
    found = re.search(r"https?://\S+(/v1/letters/[\w.-]+)", str(message.body))
    assert found
    return found[1]


def profile(scrip: Deployment, account: str, **members: str) -> None:
    answer = scrip.put(f"/v1/accounts/{account}/profile", {"email": "ann@example.com", **members})
    assert answer.status in (200, 201)


def test_what_came_of_an_event_is_told_by_its_name(scrip: Deployment, account: str) -> None:
    """In the order in which it is looked at: the log of the function has it, and nothing else of the letter."""
    at, key = 1_893_837_600_000, b"k" * 64
    ses, tables = Ses(), runtime.tables()
    sent = SentLetters(tables.client, "wallets")
    office = Office(tables, sent, PostOffice(ses, SENDER), lambda token: f"https://x.example/{token}", key)

    def write(type_: str = "scrip.balance.low", now: int = at, **data: Any) -> Written:
        made = Event("evt_1", type_, account, at, {**LOW, **data})
        return letters.write(office, outgoing_of(made, "/scrip/tests"), now)

    assert write("scrip.entry.burn") == Written("no_letter")
    assert write(now=at + letters.STALE_MS + 1) == Written("stale")
    assert write() == Written("no_address")
    profile(scrip, account)
    assert write() == Written("sent")
    assert write() == Written("sent_before")
    assert write("scrip.auto_topup.needs_action", unit=None, reason="declined") == Written("sent"), (
        "of no unit"
    )
    ses.error = refused("BadRequestException")
    assert write(entry_id="k.2") == Written("refused", "BadRequestException")
    opt_outs.end(tables, opt_outs.recipient(account, "ann@example.com"), at)
    assert write(entry_id="k.3") == Written("ended")
    assert len(ses.sent) == 2
    noted = [row for row in tables.client.scan(TableName="wallets")["Items"] if "ends" in row]
    assert [row["ends"]["N"] for row in noted] == ["1897293600"] * 2, "forty days later"


def test_a_low_balance_is_one_letter_in_the_customers_language(
    scrip: Deployment, account: str, post: list[Any]
) -> None:
    """80 left, at a threshold of 100: told in German, to the address of the profile, however often it comes."""
    profile(scrip, account, locale="de-DE", name="Ann")
    assert bring(event(account)) == []
    assert bring(event(account), event(account)) == []
    assert subjects(post) == ["Ihr Guthaben: noch 80 Credits"]
    assert post[0].destinations["ToAddresses"] == ["ann@example.com"]
    assert post[0].source == SENDER


def test_a_fall_below_a_percentage_is_written_about(scrip: Deployment, account: str, post: list[Any]) -> None:
    """The whole way: an alert at a quarter of what was there, and a burn to 20 of 100."""
    profile(scrip, account)
    scrip.put("/v1/units/credits", {"precision": 6, "policy": {"low_balance": ["25%"]}}, clock=NOW)
    scrip.grant(account, "100", clock=NOW)
    scrip.burn(account, "80", clock=NOW)
    scrip.told()
    index(account)
    low = scrip.told("scrip.balance.low")
    assert [one["data"]["threshold"] for one in low] == ["25%"]
    assert bring(*low) == []
    assert subjects(post) == ["Your balance is down to 20 credits"]


def test_a_fall_through_two_thresholds_is_one_letter_and_the_next_fall_another(
    scrip: Deployment, account: str, post: list[Any]
) -> None:
    profile(scrip, account)
    bring(
        event(account, id_="evt_1", threshold="100"),
        event(account, id_="evt_2", threshold="90"),
        event(account, id_="evt_3", threshold="100", entry_id="k.9", available="70"),
    )
    assert len(post) == 2


def test_the_unit_is_called_by_its_name_and_one_without_by_its_id(
    scrip: Deployment, account: str, post: list[Any]
) -> None:
    profile(scrip, account)
    scrip.put("/v1/units/images", {"precision": 0, "name": "pictures"})
    bring(event(account, unit="images", id_="evt_1"), event(account, unit="gone", id_="evt_2"))
    assert subjects(post) == ["Your balance is down to 80 pictures", "Your balance is down to 80 gone"]


@pytest.mark.parametrize("members", [None, {"name": "Ann"}])
def test_nobody_is_written_to_without_an_address(
    scrip: Deployment, account: str, post: list[Any], members: dict[str, str] | None
) -> None:
    if members:
        assert scrip.put(f"/v1/accounts/{account}/profile", members).status == 201
    assert bring(event(account)) == []
    assert post == []


def test_an_erased_customer_is_not_written_to(scrip: Deployment, account: str, post: list[Any]) -> None:
    profile(scrip, account)
    assert scrip.send("DELETE", f"/v1/accounts/{account}/profile").status == 204
    assert bring(event(account)) == []
    assert post == []


def test_an_event_of_another_type_is_no_letter(scrip: Deployment, account: str, post: list[Any]) -> None:
    profile(scrip, account)
    assert bring(event(account, "scrip.entry.burn")) == []
    assert post == []


def test_what_is_older_than_three_days_is_no_news(
    scrip: Deployment, account: str, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """72 hours to the millisecond are written about, one more is not; without a test clock now is the machine's."""
    profile(scrip, account)
    monkeypatch.setenv("SCRIP_TEST_CLOCK", "disabled")
    scrip.cold()
    at = 1_893_837_600_000 + 3 * 86_400_000
    monkeypatch.setattr(runtime, "now", lambda: at + 1)
    bring(event(account, id_="evt_1", entry_id="k.1"))
    assert post == []
    monkeypatch.setattr(runtime, "now", lambda: at)
    bring(event(account, id_="evt_1", entry_id="k.1"))
    assert len(post) == 1


def test_whoever_follows_the_link_is_asked_and_whoever_presses_the_button_gets_no_more(
    scrip: Deployment, account: str, post: list[Any]
) -> None:
    """A program that opens the link changes nothing. Another address of the same account is written to again."""
    profile(scrip, account)
    bring(event(account, entry_id="k.1"))
    link = link_in(post[0])

    shown = scrip.send("GET", link, caller=None, headers={"accept-language": "fr-CH,fr;q=0.9"})
    assert shown.status == 200
    safe = {
        "content-type": "text/html; charset=utf-8",
        "cache-control": "no-store",
        "referrer-policy": "no-referrer",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
    }
    assert safe.items() <= shown.headers.items(), "its address is a secret, and it runs nothing"
    assert "<form" in shown.text
    assert "Voulez-vous" in shown.text
    bring(event(account, entry_id="k.2", id_="evt_2"))
    assert len(post) == 2, "it was opened, and no more"

    assert "<form" not in _pressed(scrip, link).text
    assert _pressed(scrip, link).status == 200, "pressed twice is the same"
    bring(event(account, entry_id="k.3", id_="evt_3"))
    assert len(post) == 2

    profile(scrip, account, email="new@example.com")
    bring(event(account, entry_id="k.4", id_="evt_4"))
    assert len(post) == 3


def _pressed(scrip: Deployment, link: str) -> Answer:
    return scrip.send(
        "POST",
        link,
        caller=None,
        raw="List-Unsubscribe=One-Click",
        content_type="application/x-www-form-urlencoded",
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["x", "W10.AAAA", "a" * 2000])
def test_a_link_that_was_made_up_is_404(scrip: Deployment, method: str, token: str, post: list[Any]) -> None:
    refused = scrip.send(method, f"/v1/letters/{token}", caller=None)
    assert (refused.status, refused.code) == (404, "not_found")


def test_where_the_post_takes_nothing_now_the_event_comes_again(
    scrip: Deployment, account: str, post: list[Any], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """A sender that is not verified is one that may be soon. The address of the customer is in no line of the log."""
    profile(scrip, account)
    monkeypatch.setenv("SCRIP_EMAIL_FROM", "nobody@elsewhere.example")
    scrip.cold()
    assert bring(event(account)) == ["m0"]
    monkeypatch.setenv("SCRIP_EMAIL_FROM", SENDER)
    scrip.cold()
    assert "ann@" not in capsys.readouterr().out
    assert bring(event(account)) == []
    assert len(post) == 1


def test_a_letter_about_an_end_that_is_sent_is_a_notice_that_was_delivered(
    scrip: Deployment, account: str, post: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sent again to nobody, but told again: the first telling may have been lost."""
    profile(scrip, account)
    ending = event(
        account,
        "scrip.lot.expiring",
        unit="credits",
        lot_id="lot_1",
        remaining="40",
        expires_at="2030-01-12T10:00:00.000Z",
        notice="P7D",
        notice_id="n1",
    )
    told: list[Any] = []
    monkeypatch.setattr(runtime, "leave", lambda name, text: told.append((name, json.loads(text))))
    bring(ending)
    bring(ending)
    assert len(post) == 1
    assert (
        told
        == [
            (
                "SCRIP_NOTICES_QUEUE_URL",
                {
                    "account": account,
                    "unit": "credits",
                    "notice_id": "n1",
                    "channel": "email",
                    "to": "profile",
                    "status": "delivered",
                    "at": 1_893_837_600_000,
                },
            )
        ]
        * 2
    )
