"""Who uses one hot wallet: a process that sends a stream in pages, and one that holds leases. Each writes down what it
was told, line by line, so that whoever kills it knows, and goes on from there when it is started again.

    python -m tests.stack.hot_wallet send URL KEY ACCOUNT FILE STREAM RECORDS PAGE SEED
    python -m tests.stack.hot_wallet hold URL KEY ACCOUNT FILE RENEW BURNS JOURNAL
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from scrip_client import InsufficientCredits, Scrip

AMOUNTS: Final = ("1", "2", "3")
"""What the records of a stream cost, one after the other."""
OVERLAP: Final = 40
PATIENCE_SECONDS: Final = 60.0


def record(stream: str, offset: int) -> list[str]:
    """The record of an offset: the same whoever sends it."""
    return [AMOUNTS[offset % len(AMOUNTS)], f"{stream}-{offset}"]


@dataclass
class Notes:
    """A file of lines that a process has finished, whatever became of it then."""

    path: Path
    lines: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.path.exists():
            self.lines = list(self._read())

    def add(self, line: Any) -> None:
        self.lines.append(line)
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def _read(self) -> Iterator[Any]:
        for line in self.path.read_text().splitlines(keepends=True):
            if line.endswith("\n"):
                yield json.loads(line)


@dataclass
class Sender:
    """Sends the records of a stream from 0 on: pages that overlap, that come again, and whose answers are lost.

    Attributes:
        notes: of each answer, the offset to go on with, and of each record the offset, status and amount.
        lost: is told of each answer, and may not let it be heard.
    """

    http: httpx.Client
    account: str
    notes: Notes
    stream: str
    records: int
    page: int
    dice: random.Random
    lost: Callable[[], bool] = lambda: False

    def run(self) -> None:
        """Sends until all are sent."""
        known = [line["next"] for line in self.notes.lines] or [0]
        # Who was killed goes on from where it last knew that it was, or somewhat before.
        following = self.dice.choice(known[-3:])
        while following < self.records:
            first = max(0, following - self.dice.choice((0, 0, self.dice.randint(0, OVERLAP))))
            count = min(self.dice.randint(self.page // 2, self.page), self.records - first)
            answer = self._send(first, count)
            if self.lost():
                continue
            told = [[one["offset"], one["status"], one["amount"]] for one in answer["records"]]
            self.notes.add({"next": answer["next"], "told": told})
            following = answer["next"]

    def _send(self, first: int, count: int) -> Any:
        records = [record(self.stream, offset) for offset in range(first, first + count)]
        body = {"stream": self.stream, "first": first, "records": records}
        path, until = f"/v1/accounts/{self.account}/burns/pages", time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.http.post(path, json=body)
            if answer.status_code == 200:
                return answer.json()
            if answer.status_code not in (429, 503) or time.monotonic() > until:
                raise RuntimeError(f"{answer.status_code} {answer.text}")
            time.sleep(self.dice.random() / 5)


def hold(scrip: Scrip, account: str, notes: Notes, renew: str, burns: int, journal: Path | None) -> None:
    """Spends 1 credit after the other from a lease, and notes each one that is spent."""
    with scrip.lease(account, renew=renew, every=0.3, journal=journal) as lease:
        for _ in range(burns - len(notes.lines)):
            try:
                lease.burn("1")
            except InsufficientCredits:
                return
            notes.add(1)
            time.sleep(0.002)


def main(what: str, url: str, key: str, account: str, file: str, *more: str) -> None:
    notes = Notes(Path(file))
    headers = {"authorization": f"Bearer {key}"}
    with httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False) as http:
        if what == "send":
            stream, records, page, seed = more[0], *map(int, more[1:])
            dice = random.Random(seed + len(notes.lines))
            Sender(http, account, notes, stream, records, page, dice, lambda: dice.random() < 0.1).run()
            return
        with httpx.Client(timeout=60, trust_env=False) as own, Scrip(url, key, http=own) as scrip:
            renew, burns, journal = more
            hold(scrip, account, notes, renew, int(burns), Path(journal) if journal else None)


if __name__ == "__main__":
    main(*sys.argv[1:])
