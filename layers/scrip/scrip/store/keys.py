"""The layout of both tables, in one place.

Wallets table: partition ``pk``, sort ``sk``
    w#<account>#<unit>    wallet                      the wallet item
                          page#<order key>            lots that follow the window
                          due#<instant>#<what>        a page's next expiry, a pending lot, a hold, an allowance
                          rest#<block>                lots with nothing spendable
                          <kind>#<name>               papers: note, terms, hold, allowance, reversed, carry
    unit#<unit>, pack#<pack>, rate#<meter>, key#<id>, topup#<id>, session#<provider>#<id>,
    subscription#<provider>#<id>, payment#<provider>#<id>, refund#<request>, source#<type>#<id>, sweep#parked,
    reconciliation#<provider>, reconciliation#<provider>#<number>, verification#<share>
                          head
    promo#<code>          head                        the promotion
                          count                       what was redeemed of it
                          claim#<kind>#<hash>         that it was claimed by an account, or an identity
    index ``due``: shard, sweep_at
        <two digits>      wallets, by the instant time changes them next
        parked            payments that wait for a person, by the instant since when
        paid#<provider>   other payments, by the instant they were paid
Ledger table: partition ``pk`` = w#<account>#<unit>, sort ``sk`` = entry id
    index ``timeline``: pk, tl = <instant>.<seq>

``#`` is in no account's id, nor in any of the catalogue, so no id can reach into another's partition.
"""

from __future__ import annotations

from typing import Final
from zlib import crc32

SHARDS: Final = 64
"""Partitions of the index ``due``: enough that its writes never gather in one, few enough to ask them all."""

WALLET: Final = "wallet"
WALLETS: Final = "w#"
PAYMENTS: Final = "payment#"
HEAD: Final = "head"
PAGE: Final = "page#"
DUE: Final = "due#"
EXHAUSTED: Final = "rest#"
COUNT: Final = "count"


def wallet(account: str, unit: str) -> str:
    return f"{WALLETS}{account}#{unit}"


def wallet_parts(pk: str) -> tuple[str, str]:
    """Account and unit of a wallet's partition key."""
    _, account, unit = pk.split("#")
    return account, unit


def shard(pk: str) -> str:
    return shard_name(crc32(pk.encode()) % SHARDS)


def shard_name(number: int) -> str:
    return f"{number:02d}"


def page(key: str) -> str:
    return PAGE + key


def due(at: int, what: str) -> str:
    return f"{DUE}{at:015d}#{what}"


def exhausted(block: int) -> str:
    return f"{EXHAUSTED}{block:012d}"


def sidecar(kind: str, name: str) -> str:
    return f"{kind}#{name}"


def sidecar_name(sk: str) -> tuple[str, str]:
    """Kind and name of a paper."""
    kind, _, name = sk.partition("#")
    return kind, name


def timeline(at: int, seq: int) -> str:
    return f"{at:015d}.{seq:012d}"


# Documents, each in a partition of its own


def unit(unit_id: str) -> str:
    return f"unit#{unit_id}"


def pack(pack_id: str) -> str:
    return f"pack#{pack_id}"


def rate(meter: str) -> str:
    return f"rate#{meter}"


def promotion(code: str) -> str:
    return f"promo#{code}"


def api_key(key_id: str) -> str:
    return f"key#{key_id}"


def topup(topup_id: str) -> str:
    return f"topup#{topup_id}"


def session(provider: str, session_id: str) -> str:
    return f"session#{provider}#{session_id}"


def subscription(provider: str, subscription_id: str) -> str:
    return f"subscription#{provider}#{subscription_id}"


def payment(provider: str, payment_id: str) -> str:
    return f"{PAYMENTS}{provider}#{payment_id}"


def payment_parts(pk: str) -> tuple[str, str]:
    """Provider and payment id of a payment's partition key."""
    _, provider, payment_id = pk.split("#", 2)
    return provider, payment_id


def refund(request: str) -> str:
    """A refund that we were asked for."""
    return f"refund#{request}"


PARKED: Final = "parked"


def paid(provider: str) -> str:
    """The partition of the index ``due`` that lists a provider's payments."""
    return f"paid#{provider}"


PARKED_SWEEP: Final = "sweep#parked"
"""Where the sweep of parked payments goes on."""


def reconciliation(provider: str) -> str:
    """How far the comparison with a provider's own lists has come."""
    return f"reconciliation#{provider}"


def report(provider: str, number: int) -> str:
    """What it found of one day; the number is used again once as many later days have a report."""
    return f"reconciliation#{provider}#{number}"


def verification(share: int) -> str:
    """How far the verification of this share of the tables has come."""
    return f"verification#{share}"


def source(kind: str, source_id: str) -> str:
    """What refunds are made of: an invoice or a payment, as the caller names it."""
    return f"source#{kind}#{source_id}"


def claim(kind: str, value: str) -> str:
    return f"claim#{kind}#{value}"
