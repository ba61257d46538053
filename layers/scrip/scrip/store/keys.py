"""The layout of the wallets, the ledger and the keys table: each of their keys is made here.

The fourth table, of raw deliveries, is described in ``deliveries``.

Wallets table: partition ``pk``, sort ``sk``
    w#<account>#<unit>    wallet                      the wallet item
                          page#<order key>            lots that follow the window
                          due#<instant>#<what>        a page's next expiry, a pending lot, a hold, an allowance
                          rest#<block>                lots with nothing spendable
                          <kind>#<name>               sidecars: note, terms, hold, drawn, allowance, reversed,
                                                      mistake, carry, carried, debts, notices, stream, counter,
                                                      budgets, spent, rates
    unit#<unit>, pack#<pack>, rate#<meter>, topup#<id>, session#<provider>#<id>,
    subscription#<provider>#<id>, payment#<provider>#<id>, method#<account>#<provider>, autotopup#<account>#<unit>,
    refund#<request>, source#named#<name>, invoice#<id>, sweep#parked,
    compensation#<incident>#<unit>, extension#<incident>, extension#<incident>#<unit>,
    ours#<provider>, reconciliation#<provider>, reconciliation#<provider>#<number>, verification#<share>,
    renewal#<provider>#<id>, dunning#<id>, dunning, archive, chart, periods, period#<month>, export#<id>,
    reconciliation#<provider>#money, reconciliation#<provider>#money#<date>, settlement#<provider>#<id>
                          head
    accounts              <account>                   that there is such an account: it has a wallet or an order
    account#<account>     wallet#<unit>               that it has a wallet
                          topup#<instant>#<id>        an order of it, by the instant it was made
                          payment#<instant>#<provider>#<id>   a payment of it, by the instant it was heard of
                          renewing#<provider>#<id>            a subscription of it
                          dunning#<instant>#<id>              a run of dunning, by the instant it began
                          dunned#<unit>#<id>                  one that nothing was paid after
    notice#<account>#<unit>
                          <notice id>                 a notice that a lot is to end, and to whom it was delivered
    spans#<unit>          head                        how long before their ends a unit's lots have had notices
                          spans#<number>              those under one number, which a lot has: it never changes
    profile#<account>     head                        the account's profile; or that it was erased
    country#<account>     <instant>#<country>         since when the account is of which country
    email#<hash>          <account>                   that the account's profile has an address of this mailbox
    optout#<account>      head                        the hash of the mailbox that wants no letters
    units, packs, rates, promotions
                          <id>                        that there is such a unit, pack, rate card or promotion
    compensations         <incident>#<unit>           an incident that accounts are compensated for
    extensions            <incident>#<unit>           an extension of all accounts that is not done
    topups                <instant>#<id>              an order
    autotopups            <account>#<unit>            a wallet with an automatic top-up that is enabled
    payments              <instant>#<provider>#<id>   a payment
    promo#<code>          head                        the promotion
                          count                       what its shares were handed of its bounds
                          claim#<kind>#<value>        that an account, or the hash of an identity, claimed it
    promo#<code>#<share>  count                       what was redeemed in this share, and its room
    alerts#<unit>         head                        of what the owners of its wallets want to hear: versions
                          past#<instant>              a version of before those
                          own                         that accounts have alerts of their own in it
    alerts#<account>#<unit>                           an account's own, in the same way
    told#<account>#<unit> <threshold>#<seq>           which entries crossed a threshold of its alerts
    runout#<share>        <account>#<unit>            that the wallet's run-out is to be forecast, since something moved
    forecast#<account>#<unit>  head                   what the wallet used, day by day, and what was told of its run-out
    rollup#<account>#<unit>                           what the wallet used, as it is asked for
                          head                        up to which entry, and in the rollup of which number
                          <number>#<hour>             hours, from this one on, packed
    statement#<account>#<unit>
                          <month>                     what the wallet had as the month ended, for ever
                          <month>#signed              the digest of the month's entries, and its statement's signature
                          <month>#counted             how far the entries up to its end were counted
    statementkeys         head                        the public keys that statements were signed with
    reference#<share>#<type>:<id>
                          <instant>.<seq>#<entry id>  that an entry has this reference; the stream's reader writes it
    settlements#<provider>
                          <instant>#<id>              what moved a provider's balance, by when it was recorded
    outbox                shards                      the stream shards that the reader has to read
                          mark#<stream shard>         how far it has read one
    index ``due``: shard, sweep_at
        <two digits>      wallets, by the instant time changes them next
        parked            payments that wait for a person, by the instant since when
        autotopup         automatic top-ups, by the instant at which they are looked at next
        paid#<provider>   other payments, by the instant they were paid
        dunning           runs of dunning, by the instant of their next prompt
Ledger table: partition ``pk`` = w#<account>#<unit>, sort ``sk`` = entry id
    index ``timeline``: pk, tl = <instant>.<seq>
Keys table: partition ``pk``, sort ``sk``; what has ``ends``, a second, is deleted after it
    key#<id>              head                        an API key, or a portal session
    used#<id>             head                        when the key was used last, but for a day
    keys                  <created>#<id>              that there is such an API key
    tokens#<id>           head                        what a limited key was handed within the last second
    request#<hash>        head                        what was made under an Idempotency-Key

``#`` is in no account's id, nor in any of the catalogue, so no id can reach into another's partition.
"""

from __future__ import annotations

import hashlib
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
UNITS: Final = "units"
"""The partition key under which the names of all units lie, each an item."""
LONGEST_REFERENCE: Final = 400
"""Bytes of a reference that its partition key has as it is."""
REFERENCE_SHARES: Final = 16
"""Partitions that the entries of one reference are in, by their wallets: so many times what one partition takes."""
OUTBOX: Final = "outbox"
"""The partition key of all that the reader of the ledger's stream remembers."""
RUN_OUT_SHARES: Final = 16
"""Partitions of the wallets whose run-out is to be forecast."""
ROLLUP_BEGINS: Final = 20_000_000
"""Hours from before the year 1 until 1970: what is counted from there is never below zero."""
LAST_CROSSING: Final = 10**12 - 1
"""The last sequence that a crossing's key has."""
OWN_ALERTS: Final = "own"
PAST_ALERTS: Final = "past#"
ARCHIVE: Final = "archive"
"""The partition key of what says which edition of the archive counts, and who makes the next one."""
PERIODS: Final = "periods"
"""The partition key of what says which months are closed."""
STREAM_SHARDS: Final = "shards"
MARK: Final = "mark#"
AUDIT: Final = "audit"
"""The partition key under which all changes of what is no wallet lie, by their instants."""
PACKS: Final = "packs"
RATES: Final = "rates"
PROMOTIONS: Final = "promotions"
COMPENSATIONS: Final = "compensations"
EXTENSIONS: Final = "extensions"
ACCOUNTS: Final = "accounts"
TOPUPS: Final = "topups"
AUTO_TOPUPS: Final = "autotopups"
"""The partition key under which all wallets lie that have an automatic top-up."""
AUTO_TOPUP: Final = "autotopup"
"""How the partition keys of automatic top-ups begin; and the partition of the index ``due`` that lists them."""
HEARD: Final = "payments"
"""The partition key under which all payments lie, each by the instant at which Scrip heard of it."""
WALLET_OF: Final = "wallet#"
TOPUP_OF: Final = "topup#"
PAYMENT_OF: Final = "payment#"
SUBSCRIPTION_OF: Final = "renewing#"
DUNNING_OF: Final = "dunning#"
"""How the sort keys of an account's wallets, orders, payments, subscriptions and runs of dunning begin."""


def wallet(account: str, unit: str) -> str:
    """Returns the partition key of a wallet, which is also that of its entries in the ledger."""
    return f"{WALLETS}{account}#{unit}"


def wallet_parts(pk: str) -> tuple[str, str]:
    """Returns account and unit of a wallet's partition key. Raises ``ValueError`` for any other key."""
    _, account, unit = pk.split("#")
    return account, unit


def shard(pk: str) -> str:
    """Returns the partition of the index ``due`` that lists a wallet, chosen by the CRC-32 of its partition key."""
    return shard_name(crc32(pk.encode()) % SHARDS)


def shard_name(number: int) -> str:
    """Returns the name of a partition of the index ``due``: two digits."""
    return f"{number:02d}"


def page(key: str) -> str:
    """Returns the sort key of a page; ``key`` is the order key of its first lot."""
    return PAGE + key


def due(at: int, what: str) -> str:
    """Returns the sort key of a due item. Its instant (epoch milliseconds) is padded, so that keys sort by time."""
    return f"{DUE}{at:015d}#{what}"


def exhausted(block: int) -> str:
    """Returns the sort key of a block of exhausted lots."""
    return f"{EXHAUSTED}{block:012d}"


def sidecar(kind: str, name: str) -> str:
    """Returns the sort key of a sidecar."""
    return f"{kind}#{name}"


def sidecar_name(sk: str) -> tuple[str, str]:
    """Returns kind and name of a sidecar, from its sort key."""
    kind, _, name = sk.partition("#")
    return kind, name


def timeline(at: int, seq: int) -> str:
    """Returns an entry's position in the timeline, padded so that positions sort by instant, then by sequence."""
    return f"{at:015d}.{seq:012d}"


def reference_share(account: str, unit: str) -> int:
    """Returns the share of a reference's partitions that a wallet's entries are in."""
    return crc32(wallet(account, unit).encode()) % REFERENCE_SHARES


def reference(share: int, name: str) -> str:
    """Returns the partition key of the entries with one reference that are in one share.

    ``name`` is the reference's type, a colon and its id. A long one is hashed, so that the item under it stays a write
    unit; a hash has no colon, so it is no other reference's name.
    """
    if len(name.encode()) > LONGEST_REFERENCE:
        name = f"sha256-{hashlib.sha256(name.encode()).hexdigest()}"
    return f"reference#{share:02d}#{name}"


def referenced(at: int, seq: int, entry_id: str) -> str:
    """Returns the sort key of an entry under its reference: by instant, then by sequence, then by id."""
    return f"{timeline(at, seq)}#{entry_id}"


def mark(shard: str) -> str:
    """Returns the sort key of the mark of a stream shard."""
    return MARK + shard


# Lists


def account(account_id: str) -> str:
    """Returns the partition key of the lists of an account: its wallets, orders and payments."""
    return f"account#{account_id}"


def wallet_of(unit: str) -> str:
    """Returns the sort key by which an account lists its wallet in a unit."""
    return WALLET_OF + unit


def at_instant(at: int, name: str = "") -> str:
    """Returns the sort key of what a list has by an instant (epoch milliseconds), padded so that keys sort by time."""
    return f"{at:015d}#{name}"


def instant_at(sk: str) -> int:
    """Returns the instant in a sort key of ``at_instant`` (epoch milliseconds)."""
    return int(sk.partition("#")[0])


def named_at(sk: str) -> str:
    """Returns the name in a sort key of ``at_instant``, whatever the key begins with before its instant."""
    return sk.split("#", 2)[2] if sk.startswith((TOPUP_OF, PAYMENT_OF, DUNNING_OF)) else sk.partition("#")[2]


def subscription_of(provider: str, subscription_id: str) -> str:
    """Returns the sort key by which an account lists a subscription."""
    return f"{SUBSCRIPTION_OF}{provider}#{subscription_id}"


def dunned(unit_id: str, dunning_id: str = "") -> str:
    """Returns the sort key by which an account lists a run of dunning of a wallet that nothing was paid after."""
    return f"dunned#{unit_id}#{dunning_id}"


def incident(name: str, unit_id: str) -> str:
    """Returns the sort key by which an incident is listed, once for each unit that it is compensated in."""
    return f"{name}#{unit_id}"


def compensation(name: str, unit_id: str) -> str:
    """Returns the partition key of what is kept of an incident that accounts are compensated for in a unit."""
    return f"compensation#{name}#{unit_id}"


def extension(name: str) -> str:
    """Returns the partition key of what is kept of an incident that moves the ends of lots."""
    return f"extension#{name}"


def extension_of(name: str, unit_id: str) -> str:
    """Returns the partition key of how far the extension of all accounts in a unit is."""
    return f"extension#{name}#{unit_id}"


# Notices of ends


def notices(account_id: str, unit_id: str) -> str:
    """Returns the partition key of the notices that lots of a wallet are to end."""
    return f"notice#{account_id}#{unit_id}"


def spans(unit_id: str) -> str:
    """Returns the partition key of how long before their ends a unit's lots have had notices."""
    return f"spans#{unit_id}"


# Whom accounts are of


def profile(account_id: str) -> str:
    """Returns the partition key of an account's profile."""
    return f"profile#{account_id}"


def countries(account_id: str) -> str:
    """Returns the partition key of the countries that an account was of."""
    return f"country#{account_id}"


def opt_out(account_id: str) -> str:
    """Returns the partition key of who wants no letters of an account's."""
    return f"optout#{account_id}"


def mailbox(address: str) -> str:
    """Returns the partition key of the accounts of a mailbox, given in its one spelling.

    It is a hash, because AWS's own logs and metrics of a table tell keys.
    """
    return f"email#{hashlib.sha256(address.encode()).hexdigest()}"


# Of what somebody wants to hear


def alerts(unit_id: str) -> str:
    """Returns the partition key of a unit's alerts."""
    return f"alerts#{unit_id}"


def alerts_of(account_id: str, unit_id: str) -> str:
    """Returns the partition key of an account's own alerts in a unit."""
    return f"alerts#{account_id}#{unit_id}"


def past_alerts(since: int) -> str:
    """Returns the sort key of a past version of alerts, padded so that keys sort by the instant since when it is."""
    return f"{PAST_ALERTS}{since:015d}"


def told(account_id: str, unit_id: str) -> str:
    """Returns the partition key of which of a wallet's entries crossed which threshold."""
    return f"told#{account_id}#{unit_id}"


def run_out_share(account_id: str, unit_id: str) -> int:
    """Returns the share of wallets to be forecast that a wallet is in."""
    return crc32(wallet(account_id, unit_id).encode()) % RUN_OUT_SHARES


def run_outs(share: int) -> str:
    """Returns the partition key of the wallets of a share whose run-out is to be forecast."""
    return f"runout#{share:02d}"


def forecast(account_id: str, unit_id: str) -> str:
    """Returns the partition key of what a wallet's run-out is forecast from."""
    return f"forecast#{account_id}#{unit_id}"


def rollup(account_id: str, unit_id: str) -> str:
    """Returns the partition key of the rollup of what a wallet used."""
    return f"rollup#{account_id}#{unit_id}"


def statements(account_id: str, unit_id: str) -> str:
    """Returns the partition key of what is kept of a wallet's statements."""
    return f"statement#{account_id}#{unit_id}"


def signed_statement(month: str) -> str:
    """Returns the sort key of the digest and the signature of a month's statement."""
    return f"{month}#signed"


def counted_statement(month: str) -> str:
    """Returns the sort key of how far the entries up to a month's end were counted."""
    return f"{month}#counted"


STATEMENT_KEYS: Final = "statementkeys"
"""The partition key of the document with the public keys that statements were signed with."""


def rollup_hours(number: int) -> str:
    """Returns how the sort keys of the hours of a wallet's rollup of this number begin."""
    return f"{number:06d}#"


def rollup_hour(number: int, hour: int) -> str:
    """Returns the sort key of hours of a rollup, by the first of them, counted from 1970; padded so that they sort."""
    return f"{rollup_hours(number)}{hour + ROLLUP_BEGINS:09d}"


def hour_of_rollup(sk: str) -> int:
    """Returns the hour in a sort key of ``rollup_hour``."""
    return int(sk.partition("#")[2]) - ROLLUP_BEGINS


def crossing(threshold: str, seq: int) -> str:
    """Returns the sort key of a crossing, padded so that those of a threshold sort by their entries."""
    return f"{threshold}#{seq:012d}"


# Documents, each in a partition of its own


def unit(unit_id: str) -> str:
    """Returns the partition key of a unit."""
    return f"unit#{unit_id}"


def pack(pack_id: str) -> str:
    """Returns the partition key of a pack."""
    return f"pack#{pack_id}"


def rate(meter: str) -> str:
    """Returns the partition key of a meter's rate card."""
    return f"rate#{meter}"


def promotion(code: str) -> str:
    """Returns the partition key of a promotion, of what its shares were handed, and of its claims."""
    return f"promo#{code}"


def promotion_share(code: str, number: int) -> str:
    """Returns the partition key of a share of a promotion's count."""
    return f"promo#{code}#{number:02d}"


def topup(topup_id: str) -> str:
    """Returns the partition key of an order."""
    return f"topup#{topup_id}"


def session(provider: str, session_id: str) -> str:
    """Returns the partition key of the document that leads from a provider's checkout session to our order."""
    return f"session#{provider}#{session_id}"


def subscription(provider: str, subscription_id: str) -> str:
    """Returns the partition key of the document that leads from a provider's subscription to our order."""
    return f"subscription#{provider}#{subscription_id}"


def renewal(provider: str, subscription_id: str) -> str:
    """Returns the partition key of what is known of a provider's subscription."""
    return f"renewal#{provider}#{subscription_id}"


CHART: Final = "chart"
"""The partition key of the chart of accounts."""


DUNNING: Final = "dunning"
"""The partition key of the schedule of dunning, and the partition of the index ``due`` that lists its runs."""


def dunning(dunning_id: str) -> str:
    """Returns the partition key of a run of dunning."""
    return f"{DUNNING_OF}{dunning_id}"


def payment(provider: str, payment_id: str) -> str:
    """Returns the partition key of a payment. It begins with ``PAYMENTS``, by which a scan knows payments."""
    return f"{PAYMENTS}{provider}#{payment_id}"


def payment_method(account_id: str, provider: str) -> str:
    """Returns the partition key of the payment method that an account's buyer let us keep at a provider."""
    return f"method#{account_id}#{provider}"


def auto_topup(account_id: str, unit_id: str) -> str:
    """Returns the partition key of a wallet's automatic top-up."""
    return f"{AUTO_TOPUP}#{account_id}#{unit_id}"


def auto_topup_parts(pk: str) -> tuple[str, str]:
    """Returns account and unit of an automatic top-up's partition key."""
    _, account_id, unit_id = pk.split("#")
    return account_id, unit_id


def auto_topup_of(account_id: str, unit_id: str) -> str:
    """Returns the sort key by which a wallet is listed that has an automatic top-up."""
    return f"{account_id}#{unit_id}"


def payment_parts(pk: str) -> tuple[str, str]:
    """Returns provider and payment id of a payment's partition key."""
    _, provider, payment_id = pk.split("#", 2)
    return provider, payment_id


def refund(request: str) -> str:
    """Returns the partition key of a refund that we were asked for, by the id of the request."""
    return f"refund#{request}"


def ours(provider: str) -> str:
    """Returns the partition key of the document that keeps which of a provider's accounts was seen first."""
    return f"ours#{provider}"


PARKED: Final = "parked"


def paid(provider: str) -> str:
    """Returns the partition of the index ``due`` that lists a provider's payments."""
    return f"paid#{provider}"


PARKED_SWEEP: Final = "sweep#parked"
"""The partition key of the document that says where the sweep of parked payments goes on."""


def reconciliation(provider: str) -> str:
    """Returns the partition key of the progress of a provider's reconciliation."""
    return f"reconciliation#{provider}"


def report(provider: str, number: int) -> str:
    """Returns the partition key of a day's reconciliation report.

    ``number`` is the day's, modulo the number of reports that are stored, so a later day takes the place of an old
    one.
    """
    return f"reconciliation#{provider}#{number}"


def period(month: str) -> str:
    """Returns the partition key of what became of closing a month."""
    return f"period#{month}"


def money_progress(provider: str) -> str:
    """Returns the partition key of how far a provider's list of what moved its balance is taken."""
    return f"reconciliation#{provider}#money"


def money_of_day(provider: str, date: str) -> str:
    """Returns the partition key of what moved a provider's balance on a day, in sums, and what differs."""
    return f"reconciliation#{provider}#money#{date}"


def settlement(provider: str, settlement_id: str) -> str:
    """Returns the partition key of the document that says that a settlement is recorded."""
    return f"settlement#{provider}#{settlement_id}"


def settlements(provider: str) -> str:
    """Returns the partition key of what moved a provider's balance, in the order in which it was recorded."""
    return f"settlements#{provider}"


def export(export_id: str) -> str:
    """Returns the partition key of an export, and how far it is."""
    return f"export#{export_id}"


def verification(share: int) -> str:
    """Returns the partition key of the progress of the daily verification over a share of the tables."""
    return f"verification#{share}"


def invoice(invoice_id: str) -> str:
    """Returns the partition key of an invoice that credits were applied to."""
    return f"invoice#{invoice_id}"


def named_source(name: str) -> str:
    """Returns the partition key of what refunds of credits count against, by its one name.

    The name need not be that of a payment that Scrip knows.
    """
    return f"source#named#{name}"


def claim(kind: str, value: str) -> str:
    """Returns the sort key of a claim of a promotion. ``value`` is an account, or the hash of an identity."""
    return f"claim#{kind}#{value}"


# The keys table

API_KEYS: Final = "keys"
"""The partition key under which the names of all API keys lie, each an item."""


def api_key(key_id: str) -> str:
    """Returns the partition key of an API key or a portal session; no secret is in it."""
    return f"key#{key_id}"


def used_key(key_id: str) -> str:
    """Returns the partition key of when an API key was used last."""
    return f"used#{key_id}"


def tokens(key_id: str) -> str:
    """Returns the partition key of what a limited API key was handed."""
    return f"tokens#{key_id}"


def key_request(hashed: str) -> str:
    """Returns the partition key of what was made under an Idempotency-Key, by the hash of that."""
    return f"request#{hashed}"
