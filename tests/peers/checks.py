"""What a step of a case may say must hold after it: a member's name, and how it is compared (``runner`` runs them).

    total available held pending owed paid free     of the balance answered (read, where the answer has none)
    wallet        its status
    next_expiry   ["instant", "amount"], or null
    draws         {"name": "amount"} in the order taken; values: their money, in minor units
    moved         the entry's amount, signed
    burned, missing, allowed, available_after              as answered
    lots          {"name": LOT}, whatever became of them
    order         names of the open lots, in burn order
    open          the open lots in burn order, each "remaining until" (an instant, or never), or its members
    holds         {"name": "status captured/released"}
    entries       all of the wallet, oldest first, each "kind amount instant", of which the end may be left out
    refused       the code; fields: those an invalid_request names; says: further facts of it
    replayed      the answer to the same key before, again
    created       whether a PUT made something new

LOT is "remaining+held status", of which all but the first may be left out, or its members.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from tests.aws import Answer

if TYPE_CHECKING:
    from tests.peers.runner import Run

Json = dict[str, Any]
Check = Callable[["Run", Json, Answer, Any], None]
SUMS: Final = ("total", "available", "held", "frozen", "pending", "owed")
INSTANTS: Final = ("anchor", "effective_at", "ends_at", "expires_at", "starts_at")


def instant(text: str) -> str:
    """An instant in full."""
    return text if text.endswith("Z") else text + "0000-01-01T00:00:00.000Z"[len(text) :]


def same(found: Any, expected: Any, what: str) -> None:
    assert found == expected, f"{what}: {found!r}, not {expected!r}"


def holds_all(found: Json, expected: Json, what: str) -> None:
    """The members that are expected have these values; others do not matter."""
    full = {name: instant(value) if name in INSTANTS and value else value for name, value in expected.items()}
    same({name: found.get(name) for name in full}, full, what)


def _total(name: str) -> Check:
    def check(run: Run, step: Json, answer: Answer, expected: Any) -> None:
        same(run.balance(step, answer)[name], expected, name)

    return check


def _category(name: str) -> Check:
    def check(run: Run, step: Json, answer: Answer, expected: Any) -> None:
        same(run.balance(step, answer)["by_category"][name], expected, name)

    return check


def _answered(name: str) -> Check:
    def check(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
        same(answer.body.get(name), expected, name)

    return check


def _wallet(run: Run, step: Json, answer: Answer, expected: Any) -> None:
    same(run.balance(step, answer)["status"], expected, "wallet")


def _next_expiry(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    wanted = expected and {"at": instant(expected[0]), "amount": expected[1]}
    same(run.read(step, "/balance").body["next_expiry"], wanted, "next_expiry")


def _draws(run: Run, step: Json, answer: Answer, expected: Any) -> None:
    drawn = answer.body["entry"]["draws"] if "entry" in answer.body else answer.body["draws"]
    same(
        [(run.name_of(step, one["lot_id"]), one["amount"]) for one in drawn], list(expected.items()), "draws"
    )


def _values(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
    found = [one["value"]["amount"] for one in answer.body["entry"]["draws"] if "value" in one]
    same(found, expected, "values")


def _moved(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
    same(answer.body["entry"]["amount"], expected, "moved")


def _lots(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    found = {run.name_of(step, lot["lot_id"]): lot for lot in run.listed(step, status="all")}
    for name, wanted in expected.items():
        assert name in found, f"no lot {name} among {sorted(found)}"
        _one_lot(found[name], wanted, name)


def _one_lot(lot: Json, wanted: Any, name: str) -> None:
    if isinstance(wanted, dict):
        return holds_all(lot, wanted, name)
    amounts, _, status = wanted.partition(" ")
    remaining, _, held = amounts.partition("+")
    said = {"remaining": remaining, "held": held, "status": status}
    return holds_all(lot, {member: value for member, value in said.items() if value}, name)


def _order(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    same([run.name_of(step, lot["lot_id"]) for lot in run.listed(step)], expected, "order")


def _open(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    found = run.listed(step)
    told = [f"{lot['remaining']} {lot['expires_at'] or 'never'}" for lot in found]
    same(len(found), len(expected), f"open lots {told}")
    for lot, wanted in zip(found, expected, strict=True):
        if isinstance(wanted, dict):
            holds_all(lot, wanted, f"one of {told}")
        else:
            remaining, _, until = wanted.partition(" ")
            same(lot["remaining"], remaining, f"remaining among {told}")
            if until:
                same(lot["expires_at"] or "never", until if until == "never" else instant(until), "until")


def _holds(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    for name, wanted in expected.items():
        found = run.read(step, f"/holds/{run.named(step, name)}").body
        status, _, parts = wanted.partition(" ")
        same(found["status"], status, name)
        if parts:
            same(f"{found['captured']}/{found['released']}", parts, f"{name} captured/released")


def _entries(run: Run, step: Json, _answer: Answer, expected: Any) -> None:
    answer = run.read(step, "/entries", limit="1000")
    # A case counts what is booked; what is due is listed besides.
    booked = [one for one in answer.body["items"][::-1] if one.get("booked", True)]
    found = [(one["kind"], one["amount"], one["at"]) for one in booked]
    wanted = [tuple(text.split(" ")) for text in expected]
    wanted = [(*row[:2], instant(row[2])) if len(row) == 3 else row for row in wanted]
    told = [row[: len(want)] for row, want in zip(found, wanted, strict=False)]
    assert told == wanted, f"entries: {found}, not {wanted}"
    same(len(found), len(wanted), f"number of entries {found}")


def _fields(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
    same(sorted(set(answer.fields)), sorted(expected), "fields")


def _says(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
    holds_all(answer.body, expected, "facts")


def _replayed(run: Run, step: Json, answer: Answer, expected: Any) -> None:
    same(answer.replayed, expected, "replayed")
    if expected:
        first = run.firsts[run.owner(step), step["key"]]
        same((answer.status, answer.body), (first.status, first.body), "the first answer")


def _created(_run: Run, _step: Json, answer: Answer, expected: Any) -> None:
    same(answer.status, 201 if expected else 200, "status")


def _nothing(_run: Run, _step: Json, _answer: Answer, _expected: Any) -> None:
    """The runner itself looks at this one."""


CHECKS: Final[Mapping[str, Check]] = {
    **{name: _total(name) for name in ("total", "available", "held", "pending", "owed")},
    **{name: _category(name) for name in ("paid", "free")},
    **{name: _answered(name) for name in ("burned", "missing", "allowed", "available_after")},
    "refused": _nothing,
    "wallet": _wallet,
    "next_expiry": _next_expiry,
    "draws": _draws,
    "values": _values,
    "moved": _moved,
    "lots": _lots,
    "order": _order,
    "open": _open,
    "holds": _holds,
    "entries": _entries,
    "fields": _fields,
    "says": _says,
    "replayed": _replayed,
    "created": _created,
}
