"""What a stand-in shows to a buyer: a page with a button, and the page after it."""

from __future__ import annotations

import html
from collections.abc import Sequence

#: ISO 4217 currencies without and with three decimals, for showing a price only.
ZERO_DECIMALS = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split()  # noqa: SIM905 - one line to read
)
THREE_DECIMALS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def money(amount: int, currency: str) -> str:
    """An amount for people to read: ``USD 1,000.00``, ``JPY 1,000``, ``KWD 1.000``."""
    digits = 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
    whole, part = divmod(amount, 10**digits)
    return f"{currency} {whole:,}" + (f".{part:0{digits}d}" if digits else "")


def checkout(session_id: str, price: str, lines: Sequence[tuple[int, str]], beside: str = "") -> str:
    """The page a buyer is sent to. ``lines`` are quantities and names of what is bought; ``beside`` is said at the
    button."""
    bought = "".join(f"<li>{quantity} &times; {html.escape(name)}</li>" for quantity, name in lines)
    action = f"/checkout/{html.escape(session_id)}/pay"
    said = f"<p><small>{html.escape(beside)}</small></p>" if beside else ""
    form = f'<form method="post" action="{action}"><button>Pay</button></form>'
    return _page(price, f"<ul>{bought}</ul>{said}{form}")


def paid(price: str, payment_id: str, return_url: str | None, webhook_status: int | None) -> str:
    """The page after paying: what was bought, and whether Scrip took the webhook."""
    told = "" if webhook_status is None else f"<p>Webhook delivered: {webhook_status}</p>"
    back = f'<p><a href="{html.escape(return_url)}">Back to the shop</a></p>' if return_url else ""
    return _page("Paid", f"<p>{price} as {html.escape(payment_id)}</p>{told}{back}")


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title>"
        "<style>body{font:16px system-ui,sans-serif;max-width:24rem;margin:15vh auto;padding:0 1rem}"
        "button{font:inherit;padding:.6rem 2rem}ul{padding-left:1.2rem}small{color:#777}</style>"
        f"<h1>{html.escape(title)}</h1>{body}"
        "<p><small>A stand-in payment provider on this machine. No money moves.</small></p></html>\n"
    )
