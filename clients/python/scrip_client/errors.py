"""What a call can end with instead of an answer."""

from __future__ import annotations

from typing import Any, Protocol


class ScripError(Exception):
    """Whatever a call of this client ends with that is no answer.

    Attributes:
        idempotency_key: the Idempotency-Key that the request had. Sent again under it, the request is carried out
            once at most.
        request_id: names the request in Scrip's log; None where Scrip did not say.
        retry_after: seconds after which Scrip would have the request sent again; None where it did not say.
        attempts: how often the request was sent.
    """

    idempotency_key: str | None = None
    request_id: str | None = None
    retry_after: float | None = None
    attempts: int = 0


class Unsendable(ScripError, ValueError):
    """The request is none: an argument is of a wrong type, or an id is empty. Nothing was sent."""


class NotReached(ScripError, ConnectionError):
    """No answer came: nobody listens there, the connection broke, or it took too long. Whether the request was
    carried out is not known, unless ``sent`` is false.

    Attributes:
        sent: whether something may have been sent.
    """

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent


class NotUnderstood(ScripError):
    """An answer came that is not Scrip's: a page of a proxy, say, or another program's.

    Attributes:
        status: its status.
        text: its body, the first 500 characters.
    """

    def __init__(self, message: str, *, status: int, text: str) -> None:
        super().__init__(message)
        self.status = status
        self.text = text[:500]


class InExport(ScripError):
    """The answer is too big to be sent, or takes too long: an export has it, or will, whose files are read by links.

    Attributes:
        export_id: which one, for ``get_export``.
    """

    def __init__(self, export_id: str) -> None:
        super().__init__(
            f"it is too big for an answer, or takes too long: the export {export_id} has it, or will"
        )
        self.export_id = export_id


class GatewayRefused(ScripError):
    """The gateway before Scrip refused the request itself: it has no API key (401), is too large (413), is one of too
    many (429), or no function could be reached (5xx).

    Attributes:
        status: its status.
        message: what it says, for people.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status
        self.message = message


class AnyProblem(Protocol):
    """What every problem document has."""

    @property
    def type(self) -> str: ...

    @property
    def title(self) -> str: ...

    @property
    def status(self) -> int: ...

    @property
    def detail(self) -> str: ...

    @property
    def code(self) -> str: ...

    def to_dict(self) -> dict[str, Any]: ...


class Refused(ScripError):
    """Scrip refused the request: nothing has changed. Each code has a class of its own; one that this client does not
    know yet is a plain ``Refused``.

    Attributes:
        problem: the problem document.
    """

    problem: AnyProblem

    def __init__(self, problem: AnyProblem) -> None:
        self.problem = problem
        super().__init__(f"{self.code}: {self.detail}")

    @property
    def code(self) -> str:
        """What to branch on, beside the class."""
        return self.problem.code

    @property
    def status(self) -> int:
        """The answer's status."""
        return self.problem.status

    @property
    def title(self) -> str:
        """What it is, for people."""
        return self.problem.title

    @property
    def detail(self) -> str:
        """What it is this time, for people."""
        return self.problem.detail
