"""What SES is told, and what its refusals mean; by what its documentation says of SendEmail."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from scrip.domain.credits.errors import Unavailable
from scrip.services.notifications.mail.composition import Letter
from scrip.services.notifications.mail.post import LetterRefused, PostOffice

LETTER = Letter("Subject: é", "text", "<p>text</p>", "fr")
ADDRESS = "ann@example.com"


class Ses:
    """SES, which takes every letter, or answers with an error."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.sent: list[dict[str, Any]] = []

    def send_email(self, **request: Any) -> dict[str, str]:
        if self.error:
            raise self.error
        self.sent.append(request)
        return {"MessageId": "m1"}


def test_a_letter_says_how_a_mail_program_ends_such_letters() -> None:
    ses = Ses()
    PostOffice(ses, "credits@example.com").send(LETTER, ADDRESS, "https://scrip.example.com/v1/letters/t")
    (request,) = ses.sent
    simple = request["Content"]["Simple"]
    assert request["FromEmailAddress"] == "credits@example.com"
    assert request["Destination"] == {"ToAddresses": [ADDRESS]}
    assert simple["Subject"] == {"Data": "Subject: é", "Charset": "UTF-8"}
    assert {name: part["Data"] for name, part in simple["Body"].items()} == {
        "Text": "text",
        "Html": "<p>text</p>",
    }
    assert {one["Name"]: one["Value"] for one in simple["Headers"]} == {
        "List-Unsubscribe": "<https://scrip.example.com/v1/letters/t>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Content-Language": "fr",
        "Auto-Submitted": "auto-generated",
    }


def refused(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{ADDRESS} is not verified"}}, "SendEmail")


def test_what_ses_will_never_take_is_refused_by_a_code_that_names_nobody() -> None:
    code = "BadRequestException"
    with pytest.raises(LetterRefused) as error:
        PostOffice(Ses(refused(code)), "credits@example.com").send(LETTER, ADDRESS, "https://x.example")
    assert error.value.code == code
    assert ADDRESS not in repr(error.value)
    assert error.value.__suppress_context__


@pytest.mark.parametrize(
    "error",
    [
        refused("TooManyRequestsException"),
        refused("MessageRejected"),
        refused("LimitExceededException"),
        refused("SendingPausedException"),
        refused("AccountSuspendedException"),
        refused("MailFromDomainNotVerifiedException"),
        refused("NotFoundException"),
        refused("InternalServiceErrorException"),
        ReadTimeoutError(endpoint_url="https://email.eu-west-1.amazonaws.com"),
    ],
    ids=str,
)
def test_what_passes_or_is_ours_to_mend_brings_the_letter_again_and_names_nobody(error: Exception) -> None:
    with pytest.raises(Unavailable) as raised:
        PostOffice(Ses(error), "credits@example.com").send(LETTER, ADDRESS, "https://x.example")
    assert ADDRESS not in str(raised.value)
    assert raised.value.__suppress_context__
