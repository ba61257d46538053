"""A statement as a page for people: it prints well, needs nothing from elsewhere, and runs nothing.

It says what happened to credits and money, and not who asked or why: that is said among ourselves. What proves a
statement is its JSON; the page names the key and the head, so that both are known for the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any, Final
from urllib.parse import quote

from scrip.domain.credits.currencies import DECIMALS
from scrip.http.edge.answers import Answer

HTML: Final = "text/html"
HEADERS: Final = {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
}
_STATES: Final = ("available", "held", "frozen", "pending", "owed", "total")
_MONEY: Final = ("paid", "deferred", "recognised", "breakage", "refunded", "moved", "bad_debt")
_MEANING: Final = {
    "paid": "Paid for credits",
    "deferred": "Not earned yet",
    "recognised": "Earned",
    "breakage": "Ended unspent",
    "refunded": "Given back",
    "moved": "Moved to other wallets",
    "bad_debt": "Lost",
}
_STYLE: Final = (
    "body{font:14px/1.5 system-ui,sans-serif;color:#111;background:#fff}"
    "body{max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "h1{font-size:1.5rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.25rem 0}"
    "table{border-collapse:collapse;width:100%}caption{text-align:left;color:#555;padding:.25rem 0}"
    "th,td{text-align:left;padding:.3rem .6rem .3rem 0;border-bottom:1px solid #ddd;vertical-align:top}"
    "th.n,td.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}"
    "td.t{white-space:nowrap}.w{overflow-wrap:anywhere}tr.s td{font-weight:600}"
    ".note{border:1px solid #b58900;padding:.5rem .75rem;margin:1rem 0}"
    "@media print{body{margin:0;max-width:none;font-size:11px}thead{display:table-header-group}tr{break-inside:avoid}"
    "a{display:none}}"
)


def wanted(accept: str) -> bool:
    """Tells whether a header ``Accept`` asks for a page: it names HTML, and JSON or CSV for nothing better."""
    if HTML not in accept.lower():
        return False
    from scrip.http.edge.tables import qualities

    named = qualities(accept)
    others = max(named.get("application/json", 0.0), named.get("text/csv", 0.0))
    return named.get(HTML, 0.0) > 0 and named[HTML] >= others


def page_answer(statement: Mapping[str, Any]) -> Answer:
    """Makes the answer that is a page."""
    return {"statusCode": 200, "headers": dict(HEADERS), "body": page(statement)}


def page(statement: Mapping[str, Any]) -> str:
    """Returns a statement, as its view shows it, as a page of HTML."""
    title = f"Statement of {statement['account']}, {statement['month']}"
    return "".join(
        (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1>",
            f"<p>Unit {escape(statement['unit'])}, from {_day(statement['from'])} ",
            f"to before {_day(statement['to'])}, UTC</p>",
            *_provisional(statement),
            "<h2>Credits</h2>",
            *_credits(statement),
            *_all_money(statement),
            "<h2>Entries</h2>",
            *_entries(statement),
            "<h2>Proof</h2>",
            *_proof(statement),
            "</body></html>",
        )
    )


def _provisional(statement: Mapping[str, Any]) -> Iterator[str]:
    if statement["status"] == "provisional":
        yield (
            f'<p class="note">Provisional, as of {_instant(statement["as_of"])}: '
            "something may still come to the month, and this page is not signed.</p>"
        )


def _credits(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields the table of credits by state."""
    precision = statement["precision"]
    yield '<table><thead><tr><th></th><th class="n">Opening</th><th class="n">Closing</th></tr></thead><tbody>'
    for name in _STATES:
        cells = [_amount(statement[when][name], precision) for when in ("opening", "closing")]
        yield _row(name.capitalize(), cells, "s" if name == "total" else "")
    yield "</tbody></table>"


def _all_money(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields a table for each currency; nothing where no money is known."""
    opening, closing = (statement[when]["money"] or [] for when in ("opening", "closing"))
    was = {one["currency"]: one for one in opening}
    if closing:
        yield "<h2>Money</h2>"
    for one in closing:
        currency = one["currency"]
        before = was.get(currency, dict.fromkeys(_MONEY, 0))
        yield f"<table><caption>{escape(currency)}, of all credits so far, without tax</caption><thead><tr><th></th>"
        yield '<th class="n">Opening</th><th class="n">In the month</th><th class="n">Closing</th></tr></thead><tbody>'
        for name in _MONEY:
            sums = before[name], one[name] - before[name], one[name]
            yield _row(_MEANING[name], [_minor(amount, currency) for amount in sums])
        yield "</tbody></table>"


def _entries(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields the table of entries, and where the others are."""
    shown, count = statement["entries"], statement["entries_count"]
    precision = statement["precision"]
    if not count:
        yield "<p>None in this month.</p>"
        return
    yield '<table><thead><tr><th class="n">No.</th><th>When</th><th>What</th><th>About</th>'
    yield '<th class="n">Amount</th><th class="n">Balance</th></tr></thead><tbody>'
    for one in shown:
        about = f"{one['reference']['type']} {one['reference']['id']}" if one["reference"] else ""
        yield (
            f'<tr><td class="n">{one["seq"]}</td><td class="t">{_instant(one["at"])}</td>'
            f'<td>{escape(one["kind"].replace("_", " "))}{_late(one)}</td><td class="w">{escape(about)}</td>'
            f'<td class="n">{_amount(one["amount"], precision)}</td>'
            f'<td class="n">{_amount(one["balance_after"], precision)}</td></tr>'
        )
    yield f"</tbody></table><p>{len(shown)} of {count} entries.</p>"
    if statement["next_cursor"]:
        query = (
            f"unit={quote(statement['unit'], safe='')}&amp;cursor={quote(statement['next_cursor'], safe='')}"
        )
        yield f'<p><a href="?{query}">The next entries</a></p>'


def _late(entry: Mapping[str, Any]) -> str:
    return f" (late for {escape(entry['late_for'])})" if entry["late_for"] else ""


def _proof(statement: Mapping[str, Any]) -> Iterator[str]:
    """Yields what names the signed statement."""
    yield f'<p class="w">Head of the chain: {escape(statement["head"])}</p>'
    signature = statement["signature"]
    if signature:
        yield f'<p class="w">Signed line: {escape(signature["line"])}</p>'
        yield f'<p class="w">{escape(signature["algorithm"])} by {escape(signature["key_id"])}: '
        yield f"{escape(signature['value'])}</p>"
        yield "<p>The JSON of this statement is what is proven by it: <code>scrip statement verify</code>.</p>"


def _row(name: str, cells: Sequence[str], kind: str = "") -> str:
    told = "".join(f'<td class="n">{cell}</td>' for cell in cells)
    return f'<tr class="{kind}"><td>{escape(name)}</td>{told}</tr>'


def _amount(text: str, precision: int) -> str:
    """Returns credits with all decimals of their unit."""
    whole, _, decimals = text.partition(".")
    sign = whole.startswith("-")
    whole = _grouped(whole.lstrip("-"))
    told = f"{whole}.{decimals.ljust(precision, '0')}" if precision else whole
    return f"−{told}" if sign else told


def _minor(amount: int, currency: str) -> str:
    """Returns money in major units, with all decimals of its currency."""
    decimals = DECIMALS.get(currency, 2)
    whole, part = divmod(abs(amount), 10**decimals)
    told = f"{_grouped(str(whole))}.{part:0{decimals}d}" if decimals else _grouped(str(whole))
    return f"−{told}" if amount < 0 else told


def _grouped(digits: str) -> str:
    """Returns digits with a comma before each three of them."""
    return f"{int(digits):,}"


def _day(instant: str) -> str:
    return escape(instant[:10])


def _instant(instant: str) -> str:
    """Returns an instant to the second, as people read it."""
    return escape(instant[:19].replace("T", " "))
