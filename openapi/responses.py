"""The answers of an operation: its own, the refusals by status, and the gateway's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from http import HTTPStatus
from typing import Any, Final

from openapi import problems, views
from openapi.bodies import Undeclared
from openapi.declare import Operation
from openapi.parameters import CHALLENGE, LINK, REPLAY, REQUEST_ID, RETRY
from openapi.problems import PREFIX

Json = dict[str, Any]

JSON, PROBLEM, CSV = "application/json", "application/problem+json", "text/csv"
HTML: Final = "text/html"
PRINTED: Final[Json] = {"type": "string", "description": "The same as a page that people read and print."}
"""An answer for whoever accepts HTML."""
TEXT: Final = "text/plain"
TABLE: Final[Json] = {
    "type": "string",
    "description": "A header and a row for each item, a column for each member (`reference.type`); lists and free "
    "objects are JSON. A text that a spreadsheet would take for a formula begins with an apostrophe.",
}
"""An answer for whoever accepts CSV."""
GATEWAY: Final = {
    401: "there is no API key.",
    413: "the request is over 10 MB.",
    429: "too many requests at once.",
    503: "no function could be reached.",
}
"""Statuses of the gateway's own."""
NAMES: Final = {
    400: "Invalid",
    401: "Unauthenticated",
    402: "Insufficient",
    403: "Forbidden",
    404: "NotFound",
    409: "Conflict",
    413: "TooLarge",
    415: "UnsupportedMediaType",
    422: "Unprocessable",
    429: "Throttled",
    503: "Unavailable",
}
"""Names of the components of refusals, by status."""


def responses(operation: Operation) -> dict[int, Json]:
    """Returns every answer, by status."""
    found = {status: _done(operation, status) for status in operation.answers}
    by_status = _by_status(operation)
    found |= {status: _refused(operation, status, some) for status, some in by_status.items()}
    for status, said in GATEWAY.items():
        if _meets(operation, status):
            answer = found.setdefault(status, {"description": "", "content": {}})
            told = f"From the gateway, with its own body: {said}"
            answer["description"] = f"{answer['description']}\n\n{told}".strip()
            answer["content"] = _either(by_status.get(status, []))
    return dict(sorted(found.items()))


def refusals(operations: Iterable[Operation]) -> dict[str, Json]:
    """Returns a component for each set of codes that can be answered under a status which the gateway answers too, and
    for each operation's refusals of another status, where there are several."""
    found: dict[str, Json] = {}
    for operation in operations:
        for status, codes in _by_status(operation).items():
            if status in GATEWAY and _meets(operation, status):
                found[problems.name_of_refusal(codes)] = problems.refusal(codes)
            elif len(codes) > 1:
                said = f"Why `{operation.id}` is refused with status {status}."
                found[_name(operation, status)] = {"description": said, **problems.one_of(codes)}
    return found


def shared(operations: Iterable[Operation]) -> dict[str, Json]:
    """Returns the components: refusals that several operations answer alike."""
    found: dict[str, list[Json]] = {}
    for operation in operations:
        for status, answer in responses(operation).items():
            if status >= 400:
                found.setdefault(NAMES[status], []).append(answer)
    most = {name: max(answers, key=answers.count) for name, answers in found.items()}
    return {name: answer for name, answer in sorted(most.items()) if found[name].count(answer) > 1}


def referring(answers: dict[int, Json], components: dict[str, Json]) -> Json:
    """Returns the answers, those that are components by reference."""
    made: Json = {}
    for status, answer in answers.items():
        name = NAMES.get(status, "")
        made[str(status)] = answer
        if components.get(name) == answer:
            made[str(status)] = {"$ref": f"#/components/responses/{name}"}
    return made


def _done(operation: Operation, status: int) -> Json:
    model, said = operation.reply(status)
    answer: Json = {
        "description": said,
        "headers": _headers("Idempotent-Replay") if operation.key or operation.optional_key else _headers(),
    }
    if model:
        answer["content"] = {JSON: {"schema": {"$ref": PREFIX + views.name_of(model)}}}
    if operation.table:
        answer["headers"]["Link"] = {"$ref": "#/components/headers/Link"}
    if status == HTTPStatus.ACCEPTED:
        return answer  # it says what becomes of the request, whatever is accepted
    if operation.table:
        answer["content"][CSV] = {"schema": TABLE}
    if operation.printed:
        answer["content"][HTML] = {"schema": PRINTED}
    if operation.file:
        answer["content"][TEXT] = {"schema": {"type": "string", "description": operation.file}}
    return answer


def _by_status(operation: Operation) -> dict[int, list[str]]:
    """Groups the codes of an operation's refusals by their status, in order of precedence.

    Raises:
        Undeclared: no refusal has one of these codes.
    """
    known, codes = problems.refusals(), operation.codes()
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise Undeclared(f"{operation.route}: there is no refusal {', '.join(unknown)}")
    found: dict[int, list[str]] = {}
    for code in known:
        if code in codes:
            found.setdefault(known[code].status, []).append(code)
    return found


def _either(codes: list[str]) -> Json:
    """Returns the content of a refusal that may be the gateway's.

    Where it may be Scrip's too, both media types have one schema of both bodies: several generators of clients read one
    media type alone, and would fail on the other's body.
    """
    if not codes:
        return {JSON: {"schema": {"$ref": PREFIX + "GatewayMessage"}}}
    schema = {"$ref": PREFIX + problems.name_of_refusal(codes)}
    return {PROBLEM: {"schema": schema}, JSON: {"schema": schema}}


def _refused(operation: Operation, status: int, codes: Sequence[str]) -> Json:
    kinds = problems.refusals()
    answer: Json = {"description": "\n\n".join(f"`{code}`: {kinds[code].title}." for code in codes)}
    passing = ["Retry-After"] if any(kinds[code].passing for code in codes) else []
    challenge = ["WWW-Authenticate"] if status == 401 else []
    answer["headers"] = _headers(*passing, *challenge)
    name = problems.name_of(codes[0]) if len(codes) == 1 else _name(operation, status)
    answer["content"] = {PROBLEM: {"schema": {"$ref": PREFIX + name}}}
    return answer


def _headers(*names: str) -> Json:
    """Returns the headers of an answer: those that every answer has, and these."""
    return {name: {"$ref": f"#/components/headers/{name}"} for name in ("Request-Id", *names)}


def _name(operation: Operation, status: int) -> str:
    """Returns the component's name of an operation's refusals of one status: ``BurnConflict``."""
    return "".join(part.capitalize() for part in operation.id.split("_")) + NAMES[status]


def _meets(operation: Operation, status: int) -> bool:
    """Tells whether a request of this operation can meet this refusal of the gateway."""
    if status == 401:
        return not operation.signed and not operation.public
    return status != 413 or bool(operation.body) or operation.signed


HEADERS: Final = {
    "Idempotent-Replay": REPLAY,
    "Link": LINK,
    "Request-Id": REQUEST_ID,
    "Retry-After": RETRY,
    "WWW-Authenticate": CHALLENGE,
}
