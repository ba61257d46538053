"""Rows that something else than Scrip has changed: what verification says of each is as it was read last.

Wallets of every kind of history, and payments; a row is gone, stands twice, or one thing in it is another. What is
found is kept in ``data/changed_rows.json`` as digests, and of surveys whole. It is written anew by
``python -m tests.services.verification.test_changed_rows``; ``--show`` tells all that is found.
"""

from __future__ import annotations

import hashlib
import json
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import pytest

from scrip.domain.credits import limits
from scrip.domain.credits.errors import Throttled
from scrip.services.verification import payments, survey, wallets
from scrip.services.verification.survey import Survey, SurveyRun
from scrip.store import keys, ledger, scan
from scrip.store.tables import Tables
from simulation.dynamodb import Dynamo
from simulation.world import TABLES
from tests.services.payments.walks import PAYMENTS, walked
from tests.services.verification.scanned import Scanned
from tests.services.verification.surveys import items_of, lives

Json = dict[str, Any]
FILE: Final = Path(__file__).parent / "data" / "changed_rows.json"
KEPT: Final[Json] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
LIVES: Final = (0, 1, 2, 3, 10, 11, 20, 21, 30, 31)
WALKS: Final = (3, 4, 6, 11)
CHANGES: Final = 90
"""Of each wallet, and of each walk."""
SMALL: Final = {"WINDOW_LOTS": 4, "WINDOW_LOW": 2, "PAGE_LOTS": 5}


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody waits, and few lots make a page."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "LAG_WAIT", 0)
        for name, limit in SMALL.items():
            patch.setattr(limits, name, limit)
        yield


def lived() -> tuple[Scanned, list[str]]:
    """Returns tables in which wallets have lived, and the partitions of some."""
    made = list(lives("life"))
    dynamo = Scanned(TABLES)
    for table, rows in items_of(made).items():
        for row in rows:
            dynamo.put_item(TableName=table, Item=row)
    return dynamo, [keys.wallet(made[number].account, made[number].unit) for number in LIVES]


def found(dynamo: Dynamo, pk: str, provider: str = "") -> Any:
    """Returns what is wrong with a wallet, and with the payments of a provider."""
    tables = Tables(dynamo, "wallets", "ledger")  # type: ignore[arg-type] # as much of a client as is used
    verified = wallets.check_wallet(tables, *keys.wallet_parts(pk))
    said: list[Any] = [verified.kind, verified.entries, [asdict(one) for one in verified.discrepancies]]
    said += [verified.drift and asdict(verified.drift), [entry.id for entry in verified.surplus]]
    checked = [payments.check_payment(tables, provider, name) for name in PAYMENTS if provider]
    return [*said, *(asdict(one.discrepancy) for one in checked if one.discrepancy)]


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, one in inner:
        yield (*path, name)
        yield from _leaves(one, (*path, name))


def _other(value: Any) -> Any:
    """Returns something else of the same kind."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case str():
            return str(int(value) + 1) if value.isdecimal() else f"{value}x"
        case list() | dict():
            return type(value)()
    return 1


def changed(row: Json, dice: random.Random) -> tuple[str, Json | None]:
    """Returns what is changed of a row, and the row then; None: it is gone."""
    if dice.random() < 0.1:
        return "gone", None
    after = deepcopy(row)
    if dice.random() < 0.1:
        after["sk"] = {"S": f"{row['sk']['S']}0"}
        return "twice", after
    name = dice.choice([name for name in row if name not in ("pk", "sk")] or ["sk"])
    ((kind, value),) = row[name].items()
    if dice.random() < 0.1 and name != "sk":
        del after[name]
        return f"without {name}", after
    if kind == "S" and value.startswith("{"):
        body = json.loads(value)
        *path, last = dice.choice([*_leaves(body)])
        place = body
        for step in path:
            place = place[step]
        place[last] = _other(place[last])
        after[name] = {"S": json.dumps(body, separators=(",", ":"), ensure_ascii=False)}
        return f"{name} {'.'.join(map(str, (*path, last)))}", after
    if kind == "B" and value:
        at = dice.randrange(len(value))
        raw = bytes(value)
        after[name] = {"B": raw[:at] + bytes((raw[at] ^ dice.choice((1, 2, 128)),)) + raw[at + 1 :]}
        return f"{name} byte {at}", after
    after[name] = {kind: _other(value) if value else b"\x01"}
    return name, after


def told(dynamo: Dynamo, pk: str, dice: random.Random, provider: str = "") -> list[tuple[str, Any]]:
    """Returns of each change what it was and what is found then. Nothing is found before, nor after."""
    assert [one for one in found(dynamo, pk, provider)[2:] if one] == []
    of = (pk, *(keys.payment(provider, name) for name in PAYMENTS if provider))
    rows = [
        (name, item)
        for name, table in dynamo.tables.items()
        for partition in of
        for item in (table.partitions[partition].items.values() if partition in table.partitions else ())
    ]
    rows += [("wallets", item) for item in _orders(dynamo)] if provider else []
    seen = []
    for _ in range(CHANGES):
        table, row = dice.choice(rows)
        row = dict(row)
        what, after = changed(row, dice)
        key = {name: row[name] for name in ("pk", "sk")}
        if after is None:
            dynamo.delete_item(TableName=table, Key=key)
        else:
            dynamo.put_item(TableName=table, Item=after)
        seen.append((f"{table} {row['pk']['S']} {row['sk']['S']}: {what}", found(dynamo, pk, provider)))
        if after is not None:
            dynamo.delete_item(TableName=table, Key={name: after[name] for name in ("pk", "sk")})
        dynamo.put_item(TableName=table, Item=row)
    assert [one for one in found(dynamo, pk, provider)[2:] if one] == []
    return seen


def _orders(dynamo: Dynamo) -> list[Json]:
    partitions = dynamo.tables["wallets"].partitions
    return [item for pk in partitions if pk.startswith("topup#") for item in partitions[pk].items.values()]


def _of_lives() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    with _alone():
        dynamo, some = lived()
        for pk in some:
            yield pk, told(dynamo, pk, random.Random(pk))


def _of_walks() -> Iterator[tuple[str, list[tuple[str, Any]]]]:
    for seed in WALKS:
        with walked(seed, 25) as world, _alone():
            pk = keys.wallet("ann", "points")
            yield f"walk {seed}", told(world.dynamo, pk, random.Random(seed), world.provider)


def surveyed() -> Json:
    """Returns what surveys of damaged tables come to: at once, in small pages, broken off, and of shares."""
    with _alone(), pytest.MonkeyPatch.context() as patch:
        dynamo, some = lived()
        dice = random.Random(1)
        for pk in some:
            rows = [*dynamo.tables["ledger"].partitions[pk].items.values()]
            _, after = changed(dict(dice.choice(rows[1:])), dice)
            dynamo.put_item(TableName="ledger", Item=after or rows[0])
        lost = some[0]
        for item in [*dynamo.tables["wallets"].partitions[lost].items.values()]:
            dynamo.delete_item(TableName="wallets", Key={name: item[name] for name in ("pk", "sk")})
        behind = [*dynamo.tables["ledger"].partitions[some[3]].items.values()][-1]
        dynamo.delete_item(TableName="ledger", Key={name: behind[name] for name in ("pk", "sk")})
        dynamo.put_item(TableName="wallets", Item={"pk": {"S": "w#what"}, "sk": {"S": "wallet"}})
        tables = Tables(dynamo, "wallets", "ledger")  # type: ignore[arg-type] # as much of a client as is used
        largest = max(len(partition.items) for partition in dynamo.tables["ledger"].partitions.values())
        patch.setattr(survey, "AT_ONCE", largest)
        said: Json = {"whole": _run(tables, Survey(0))}
        for name, size in (("PAGE", 7), ("LEDGER_PAGE", 20)):
            patch.setattr(scan, name, size)
        assert _run(tables, Survey(0)) == said["whole"]
        broken_off = Survey(0)
        for wallet in range(400):
            _run(tables, broken_off, time_left=iter([True] * (wallet % 5 + 2) + [False] * 9).__next__)
            if broken_off.done:
                break
        assert _shown(broken_off) == said["whole"]
        dynamo.busy, pauses = 5, list[float]()
        assert _run(tables, Survey(0), pause=pauses.append) == said["whole"]
        assert pauses == [0.2, 0.4, 0.8, 1.6, 3.2]
        dynamo.busy = 6
        with pytest.raises(Throttled):
            _run(tables, Survey(0))
        said["shares"] = [_run(tables, Survey(0, share, 2), shown=1, largest=12) for share in range(2)]
        return said


def _run(tables: Tables, of: Survey, **options: Any) -> Json:
    SurveyRun(tables, of, lambda _: None, **{"pause": lambda _: None, **options}).go(1)
    return _shown(of)


def _shown(of: Survey) -> Json:
    """Returns what a survey came to."""
    counted = {name: of.total(name) for name in ("wallets", "entries", "payments", "parked", "left", "found")}
    return {**counted, **{name: of.listed(name) for name in ("left_names", "findings")}, "done": of.done}


def _digests(seen: list[tuple[str, Any]]) -> list[str]:
    return [hashlib.sha256(json.dumps(one).encode()).hexdigest()[:6] for one in seen]


def test_whatever_is_changed_in_a_wallet_is_found_as_it_was() -> None:
    for pk, seen in _of_lives():
        assert (pk, _digests(seen)) == (pk, KEPT[pk])
        assert sum(one[2:] != [[], None, []] for _, one in seen) > CHANGES // 2, "most of it is found"


def test_whatever_is_changed_in_a_payment_is_found_as_it_was() -> None:
    for name, seen in _of_walks():
        assert (name, _digests(seen)) == (name, KEPT[name])


def test_surveys_of_damaged_tables_come_to_what_they_did() -> None:
    """However they are cut: what is found, counted and left out is the same."""
    assert surveyed() == KEPT["surveys"]


def main() -> None:
    """Writes what is found now, or shows it."""
    everything = [*_of_lives(), *_of_walks()]
    if sys.argv[1:2] == ["--show"]:
        for name, seen in everything:
            sys.stdout.writelines(f"{name} {what}\n    {json.dumps(one)}\n" for what, one in seen)
        return
    FILE.parent.mkdir(exist_ok=True)
    kept = {name: _digests(seen) for name, seen in everything}
    FILE.write_text(json.dumps({**kept, "surveys": surveyed()}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
