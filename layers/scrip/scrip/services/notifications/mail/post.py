"""The post office: hands a letter to Amazon SES, once, and says what came of it.

https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from scrip.domain.credits.errors import Unavailable
from scrip.services.notifications.mail.composition import Letter

REFUSED: Final = "BadRequestException"
"""The error of SES that another try does not help: the address is none that it takes. ``MessageRejected`` is also that
of a sender who is not verified yet."""


class LetterRefused(Exception):
    """SES does not take the letter. It says why by a code alone, since its sentence may hold the address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class PostOffice:
    """Amazon SES, through one client.

    Attributes:
        sender: the address that letters come from.
    """

    client: Any
    sender: str

    def send(self, letter: Letter, to: str, end_link: str) -> None:
        """Sends a letter, with a link by which a mail program ends such letters at one click (RFC 8058).

        Raises:
            LetterRefused: SES does not take it, now or ever.
            Unavailable: SES takes nothing now, or does not answer: it may have been sent all the same.
        """
        headers = [
            {"Name": "List-Unsubscribe", "Value": f"<{end_link}>"},
            {"Name": "List-Unsubscribe-Post", "Value": "List-Unsubscribe=One-Click"},
            {"Name": "Content-Language", "Value": letter.language},
            {"Name": "Auto-Submitted", "Value": "auto-generated"},
        ]
        simple = {
            "Subject": _text(letter.subject),
            "Body": {"Text": _text(letter.text), "Html": _text(letter.html)},
            "Headers": headers,
        }
        try:
            self.client.send_email(
                FromEmailAddress=self.sender, Destination={"ToAddresses": [to]}, Content={"Simple": simple}
            )
        except Exception as error:  # noqa: BLE001 - whatever it is, only its code may be told
            # An error of the connection has an answer, too, which is None.
            answer = getattr(error, "response", None) or {}
            code = str(answer.get("Error", {}).get("Code", type(error).__name__))
            if code == REFUSED:
                raise LetterRefused(code) from None
            raise Unavailable(f"the post takes no letter now: {code}") from None


def _text(text: str) -> dict[str, str]:
    return {"Data": text, "Charset": "UTF-8"}
