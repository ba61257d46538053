"""The worked month as a Scrip that was asked tells it: each report, compared with what was worked out by hand in the
same way whoever answers, the handlers (tests/http/finance) or a deployment over HTTP (tests/stack)."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from beancount import loader
from beancount.core.data import Balance, Open, Transaction

from tests.month import Asked, Json, Month, through

if TYPE_CHECKING:
    from tests.aws import Answer

MONTH: Final = "2030-11"
AFTER: Final = "2030-12-01T00:10:00.000Z"
"""The first instant at which the month can be closed."""
LAST: Final = "2030-11-30T23:59:59.999Z"
DECIMALS: Final = {"USD": 2, "JPY": 0, "BHD": 3}
MOVED: Final = {"moved": "deferred_revenue", "moved_tax": "tax_deferred"}
"""What month.json calls the two halves of a move: in the books both are of one account."""
INVOICED: Final = {"USD": 224, "JPY": 717, "BHD": 8226}
"""What the credits on invoices earned until these were void. Bob's lot has 270.16 for 2 971.9 credits, of which 24.68
are 2.24; the others' sums stand in month.json."""
REPORTS: Final[list[tuple[str, dict[str, str], tuple[str, ...], str]]] = [
    ("trial-balance", {}, ("account",), "trial_balance"),
    ("roll-forward", {}, ("line",), "roll_forward"),
    ("revenue", {}, ("day",), "revenue_by_day"),
    ("revenue", {"by": "day"}, ("day",), "revenue_by_day"),
    ("revenue", {"by": "meter"}, ("meter",), "revenue_by_meter"),
    ("revenue", {"by": "pack"}, ("pack",), "revenue_by_pack"),
    ("breakage", {}, ("kind",), "breakage_by_kind"),
    ("cash", {}, ("provider", "line"), "cash"),
    ("tax", {}, ("country", "tax_point"), "tax_payable_by_country_and_point"),
    ("liability", {}, ("bucket",), "liability_aged"),
    ("liability", {"at": "2030-12-01T00:00:00Z"}, ("bucket",), "liability_aged"),
]
"""Each report: what it is asked for by, the members of its rows, and what its figures are called in month.json."""
Amounts = dict[str, dict[str, int]]
"""Amounts by currency, and by what the rows are of."""


@dataclass(slots=True)
class PlayedMonth:
    """A Scrip in which the worked month is played, and what it says of it."""

    scrip: Asked
    month: Month

    def play(self, *steps: str) -> None:
        """Plays the month, with invoices beside it, or these steps of it; every request succeeds."""
        self.month.play(through(self.scrip), *(steps or ("steps", "invoices")))

    def send(self, step: Mapping[str, Any]) -> Json:
        """Sends a step, such as the month's are; it succeeds."""
        return through(self.scrip)(step)

    def close(self, period: str = MONTH, clock: str = AFTER, **request: Any) -> Answer:
        """What a request to close a month is answered."""
        return self.scrip.post(f"/v1/periods/{period}/close", {}, clock=clock, **request)

    def ask(self, name: str, clock: str = AFTER, **query: str) -> Answer:
        """A report of the month."""
        wanted = {"period": MONTH, "unit": self.month.unit, **query}
        answer = self.scrip.get(f"/v1/reports/{name}", query=wanted, clock=clock)
        assert answer.status == 200, answer.text
        return answer

    def figures(self, name: str) -> Any:
        """What was worked out by hand."""
        return self.month.said["expected"][name]

    def journal(self, **query: str) -> list[Json]:
        """All items of the month's journal, page by page."""
        found: list[Json] = []
        cursor: dict[str, str] = {}
        while True:
            answer = self.ask("journal", **query, **cursor)
            found += answer.body["items"]
            if answer.body["next_cursor"] is None:
                return found
            cursor = {"cursor": answer.body["next_cursor"]}

    def frozen_journal(self, period: Mapping[str, Any]) -> list[Json]:
        """The journal that a close has frozen, of all units."""
        (found,) = (one for one in period["close"]["reports"] if one["report"] == "journal")
        text = gzip.decompress(self.scrip.archived(found["object"])).decode()
        return [json.loads(line) for line in text.splitlines()]

    def has_its_figures(self, name: str, query: Mapping[str, str], members: Iterable[str], said: str) -> None:
        """A report and its table have the figures that were worked out."""
        members = tuple(members)
        answer, table = self.ask(name, **query), self.ask(name, format="csv", **query)

        assert amounts(answer, *members) == self.figures(said)
        assert (answer.body["report"], answer.body["period"]) == (name, MONTH)
        assert answer.body["as_of"] == AFTER
        assert answer.body["complete_through"] >= "2030-12-01T00:00:00.000Z"
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert table_amounts(table, *members) == self.figures(said)

    def adds_up(self) -> None:
        """What the month's reports say of each other."""
        trial = amounts(self.ask("trial-balance"), "account")
        forward = amounts(self.ask("roll-forward"), "line")
        earned = {by: sums(self.ask("revenue", by=by)) for by in ("day", "meter", "pack", "account")}
        owed, owed_by_account = sums(self.ask("liability")), sums(self.ask("liability", by="account"))
        cash, tax, broken = sums(self.ask("cash")), sums(self.ask("tax")), sums(self.ask("breakage"))

        assert set(trial) == {"USD", "JPY", "BHD"}
        for currency, accounts in trial.items():
            lines = forward[currency]
            assert sum(accounts.values()) == 0
            for by, found in earned.items():
                assert found[currency] == -accounts["revenue"], by
            assert lines["closing"] == -accounts["deferred_revenue"] == owed[currency]
            assert lines["closing"] == owed_by_account[currency] == rolled(lines)
            assert cash[currency] == sum(one for name, one in accounts.items() if name.startswith("cash."))
            assert tax.get(currency, 0) == -accounts.get("tax_payable", 0)
            assert broken.get(currency, 0) == -accounts.get("breakage", 0)

    def posts_what_was_worked_out(self) -> None:
        """The journal has the 47 postings of month.json, line by line, and those of invoices, which come to nothing."""
        items = self.journal()
        for item in items:
            assert sum(line["amount"] for line in item["lines"]) == 0
            assert item["late_for"] is None
        assert len({(item["entry_id"], item["currency"]) for item in items}) == len(items)
        invoiced = [item for item in items if item["at"].startswith("2030-11-26T1")]
        assert sorted(
            (item["currency"], item["kind"], line["account"], line["amount"])
            for item in invoiced
            for line in item["lines"]
        ) == sorted(
            (currency, kind, account, amount)
            for currency, earned in INVOICED.items()
            for kind, sign in (("burn", 1), ("reversal", -1))
            for account, amount in (("deferred_revenue", sign * earned), ("revenue", -sign * earned))
        )
        made = [
            (item["account"], item["at"], item["kind"], item["currency"], _sides(item["lines"]))
            for item in items
            if item not in invoiced
        ]
        wanted: dict[Any, list[Json]] = {}
        for one in self.month.said["journal"]:
            place = one["account"], one["seq"], one["at"], one["kind"], one["currency"]
            wanted.setdefault(place, []).extend(
                {"account": MOVED.get(account, account), "amount": amount}
                for account, amount in one["lines"].items()
            )
        by_hand = [
            (account, at, kind, currency, _sides(lines))
            for (account, _, at, kind, currency), lines in wanted.items()
        ]
        assert sorted(made, key=str) == sorted(by_hand, key=str)

    def beancount_has_it(self, text: str) -> None:
        """Beancount's own loader has the trial balance, in what is posted and in what the file asserts, exactly."""
        entries, errors, _ = loader.load_string(text)
        assert not errors
        keys = {one.account: str(one.meta["key"]) for one in entries if isinstance(one, Open)}
        posted: dict[str, Counter[str]] = {}
        asserted: dict[str, Counter[str]] = {}
        for entry in entries:
            if isinstance(entry, Transaction):
                for posting in entry.postings:
                    _add(posted, keys[posting.account], posting.units)
            elif isinstance(entry, Balance):
                assert entry.tolerance == 0
                _add(asserted, keys[entry.account], entry.amount)
        assert _not_nothing(posted) == self.figures("trial_balance")
        assert _not_nothing(asserted) == self.figures("trial_balance")

    def layout_has_it(self, layout: str, currency: str) -> None:
        """A file for a program adds up to nothing, and to the movements of what the chart calls its accounts."""
        text = self.ask("journal", format="csv", layout=layout, currency=currency).text
        rows = list(csv.DictReader(io.StringIO(text)))
        name, *columns = {
            "quickbooks": ("Account Name", "Debits", "Credits"),
            "xero": ("*AccountCode", "*Amount"),
            "netsuite": ("Account", "Debit", "Credit"),
        }[layout]
        found: Counter[str] = Counter()
        for row in rows:
            for column, sign in zip(columns, (1, -1), strict=False):
                found[row[name]] += sign * minor(row[column] or "0", currency, exact=False)
        chart = self.scrip.get("/v1/chart-of-accounts").body
        wanted: Counter[str] = Counter()
        for key, amount in self.figures("trial_balance")[currency].items():
            wanted[chart[key]] += amount
        assert {key: amount for key, amount in found.items() if amount} == dict(wanted)


def amounts(answer: Answer, *names: str) -> Amounts:
    """A report's amounts by currency and by these members."""
    return {
        one["currency"]: {
            ".".join(row[name] or "(none)" for name in names): row["amount"] for row in one["rows"]
        }
        for one in answer.body["currencies"]
    }


def table_amounts(answer: Answer, *names: str) -> Amounts:
    """The same of a table, whose first column is the currency, and whose amounts have exactly its decimals."""
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert next(iter(rows[0])) == "currency"
    found: Amounts = {}
    for row in rows:
        of = found.setdefault(row["currency"], {})
        of[".".join(row[name] or "(none)" for name in names)] = minor(row["amount"], row["currency"])
    return found


def sums(answer: Answer) -> dict[str, int]:
    """The sum of a report's amounts by currency."""
    return {one["currency"]: sum(row["amount"] for row in one["rows"]) for one in answer.body["currencies"]}


def rolled(lines: Mapping[str, int]) -> int:
    """What the lines of a roll-forward leave."""
    gone = sum(lines[name] for name in ("recognised", "breakage", "refunded", "charged_back"))
    return lines["opening"] + lines["sold"] - gone + lines["moved"]


def minor(text: str, currency: str, *, exact: bool = True) -> int:
    """An amount in major units as minor ones; it has no part of one, and all of its currency's decimals."""
    assert not exact or len(text.partition(".")[2]) == DECIMALS[currency], text
    found = Decimal(text).scaleb(DECIMALS[currency])
    assert found == int(found)
    return int(found)


def _sides(lines: Iterable[Mapping[str, Any]]) -> dict[tuple[str, bool], int]:
    """Debits and credits of each account."""
    found: Counter[tuple[str, bool]] = Counter()
    for line in lines:
        found[line["account"], line["amount"] > 0] += line["amount"]
    return dict(sorted(found.items()))


def _add(to: dict[str, Counter[str]], key: str, amount: Any) -> None:
    to.setdefault(amount.currency, Counter())[key] += minor(str(amount.number), amount.currency)


def _not_nothing(found: Mapping[str, Mapping[str, int]]) -> Amounts:
    return {
        currency: {key: amount for key, amount in sorted(of.items()) if amount}
        for currency, of in found.items()
    }
