"""A story that is being told: what was asked and answered, and how that is written so that each run writes the same."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from scrip import runtime
from tests.aws import Deployment, Key

Json = dict[str, Any]
FILE: Final = Path(__file__).parents[1] / "edge" / "data" / "answers.json"
ANN: Final = Key("admin", more={"name": "Ann at her desk"})
ROWS: Final = FILE.with_name("rows.json")
BEGINNING: Final = datetime(2030, 1, 1, tzinfo=UTC)

_HASH: Final = re.compile(r'"[0-9a-f]{64}"')
_INSTANT: Final = re.compile(r"\b20(?!3)\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
_DAY: Final = re.compile(r"\b202\d-\d\d-\d\d\b")
_CHANCE: Final = re.compile(
    r"\b(k|ble|msg|dsp|ref|rf|re|pi|cs|ch|in|sub|du|prf|acct|evt|pay|cks|pm|il|ii)([._])[A-Za-z0-9._-]{13,}\b"
)
_SALT: Final = re.compile(r"(?<=^\d{15})#[0-9a-f]{12}$")
_TOOK: Final = re.compile(r'("duration_ms": )\d+')
_LINK: Final = re.compile(r'("url": )"[^"]*X-Amz-[^"]*"')
_CURSOR: Final = re.compile(r'("next_cursor": )"[^"]+"')


@dataclass
class Story:
    """What was asked and answered so far.

    Attributes:
        hours: how late it is, since the beginning.
        names: what chance made, and how it is written.
        by_chance: ids of entries come of such names: they are written as numbers, in the order in which they appear.
    """

    scrip: Deployment
    dodo: dodo_standin.Provider
    stripe: stripe_standin.Provider
    hours: int = 0
    told: list[Json] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    by_chance: bool = False

    def tell(self, method: str, path: str, body: Any = None, **request: Any) -> Any:
        """Asks, an hour later than the last time. Returns the body of the answer. ``query`` and the like as usual."""
        self.hours += 1
        clocked = request.pop("clocked", True)
        request.setdefault("caller", ANN)
        if method == "POST":
            request.setdefault("key", f"key-{self.hours}")
        if clocked:
            request["clock"] = self.clock()
        answer = self.scrip.send(method, path, body=body, **request)
        asked = f"{method} {path}"
        query = "&".join(f"{name}={value}" for name, value in request.get("query", {}).items())
        self.told.append(
            {"asked": f"{asked}?{query}" if query else asked, "status": answer.status, "body": answer.body}
        )
        return answer.body

    def clock(self) -> str:
        """Returns what time it is."""
        return (BEGINNING + timedelta(hours=self.hours)).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def later(self, days: int) -> None:
        """Lets time pass."""
        self.hours += 24 * days

    def call(self, name: str, written: str) -> str:
        """Notes how a name of chance is written. Returns the name."""
        self.names[name] = f"<{written}>"
        return name

    def written(self) -> list[Json]:
        """Returns what was told, without what is another in every run."""
        text = json.dumps(self.told, ensure_ascii=False)
        for name in sorted(self.names, key=len, reverse=True):
            text = text.replace(name, self.names[name])
        text = _HASH.sub('"<hash>"', _CURSOR.sub(r'\1"<cursor>"', text))
        text = _LINK.sub(r'\1"<link>"', text)
        text = _TOOK.sub(r'\1"<milliseconds>"', text)
        text = _DAY.sub("<today>", _INSTANT.sub("<now>", text))
        if self.by_chance:
            numbers: dict[str, str] = {}
            text = _CHANCE.sub(lambda one: numbers.setdefault(one[0], f"<{one[1]} {len(numbers) + 1}>"), text)
        found: list[Json] = json.loads(text)
        return found


def rows() -> list[Json]:
    """Returns every row of the tables of wallets and of the ledger, as plain values, bytes in base 64."""
    client = runtime.tables().client
    return [
        {"table": table, **{name: _plain(value) for name, value in item.items()}}
        for table in ("wallets", "ledger")
        for item in sorted(
            client.scan(TableName=table)["Items"], key=lambda item: (_plain(item["pk"]), _plain(item["sk"]))
        )
    ]


def _plain(value: Any) -> Any:
    ((kind, content),) = value.items()
    if kind == "B":
        return f"B {base64.b64encode(bytes(content)).decode()}"
    if kind == "M":
        return {name: _plain(one) for name, one in content.items()}
    if kind == "L":
        return [_plain(one) for one in content]
    # Two changes in one millisecond are told apart by chance.
    return f"N {content}" if kind == "N" else _SALT.sub("#<chance>", content) if kind == "S" else content


def shown(found: Any) -> str:
    """Returns the file's text: an answer's member a line."""
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"
