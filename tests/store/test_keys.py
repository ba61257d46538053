"""Keys of three tables: their shapes, that they sort as what they are made of, and that they are taken apart again.

A table outlives the code that writes it. A key that gets another shape is not found from then on.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
from importlib import import_module
from operator import attrgetter
from pkgutil import iter_modules
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scrip.domain import wallets
from scrip.domain.credits.limits import LAST_SEQ, MAX_INSTANT
from scrip.store import keys
from tests.domain.builders import steady

ONE_OF_EACH: Final[dict[str, str]] = {
    keys.wallet("acme", "credits"): "w#acme#credits",
    keys.page("7f"): "page#7f",
    keys.due(1, "hold.2"): "due#000000000000001#hold.2",
    keys.exhausted(3): "rest#000000000003",
    keys.sidecar("note", "1"): "note#1",
    keys.timeline(1, 2): "000000000000001.000000000002",
    keys.account("acme"): "account#acme",
    keys.wallet_of("credits"): "wallet#credits",
    keys.at_instant(1, "top_1"): "000000000000001#top_1",
    keys.incident("outage-1", "credits"): "outage-1#credits",
    keys.compensation("outage-1", "credits"): "compensation#outage-1#credits",
    keys.extension("outage-1"): "extension#outage-1",
    keys.extension_of("outage-1", "credits"): "extension#outage-1#credits",
    keys.unit("u"): "unit#u",
    keys.pack("p"): "pack#p",
    keys.rate("m"): "rate#m",
    keys.promotion("C"): "promo#C",
    keys.promotion_share("C", 3): "promo#C#03",
    keys.alerts("u"): "alerts#u",
    keys.alerts_of("acme", "u"): "alerts#acme#u",
    keys.told("acme", "u"): "told#acme#u",
    keys.crossing("20%", 3): "20%#000000000003",
    keys.run_outs(3): "runout#03",
    str(keys.run_out_share("acme", "credits")) + " of 16": "9 of 16",
    keys.forecast("acme", "u"): "forecast#acme#u",
    keys.rollup("acme", "u"): "rollup#acme#u",
    keys.statements("acme", "u"): "statement#acme#u",
    keys.signed_statement("2026-11"): "2026-11#signed",
    keys.counted_statement("2026-11"): "2026-11#counted",
    keys.rollup_hours(3): "000003#",
    keys.rollup_hour(3, 500_000): "000003#020500000",
    keys.past_alerts(1): "past#000000000000001",
    keys.claim("account", "acme"): "claim#account#acme",
    keys.api_key("k"): "key#k",
    keys.used_key("k"): "used#k",
    keys.tokens("k"): "tokens#k",
    keys.key_request("h"): "request#h",
    keys.topup("t"): "topup#t",
    keys.payment_method("acme", "dodo"): "method#acme#dodo",
    keys.auto_topup("acme", "credits"): "autotopup#acme#credits",
    keys.auto_topup_of("acme", "credits"): "acme#credits",
    keys.session("dodo", "s"): "session#dodo#s",
    keys.subscription("dodo", "s"): "subscription#dodo#s",
    keys.renewal("dodo", "s"): "renewal#dodo#s",
    keys.subscription_of("dodo", "s"): "renewing#dodo#s",
    keys.dunning("dun_1"): "dunning#dun_1",
    keys.dunned("credits", "dun_1"): "dunned#credits#dun_1",
    keys.payment("dodo", "p"): "payment#dodo#p",
    keys.ours("dodo"): "ours#dodo",
    keys.refund("r"): "refund#r",
    keys.named_source("pay_1"): "source#named#pay_1",
    keys.invoice("INV-1"): "invoice#INV-1",
    keys.reconciliation("dodo"): "reconciliation#dodo",
    keys.report("dodo", 4): "reconciliation#dodo#4",
    keys.money_progress("dodo"): "reconciliation#dodo#money",
    keys.money_of_day("dodo", "2026-11-23"): "reconciliation#dodo#money#2026-11-23",
    keys.settlement("dodo", "ble_1"): "settlement#dodo#ble_1",
    keys.settlements("dodo"): "settlements#dodo",
    keys.verification(5): "verification#5",
    keys.period("2026-11"): "period#2026-11",
    keys.export("exp_1"): "export#exp_1",
    keys.reference(3, "job:j_1"): "reference#03#job:j_1",
    keys.referenced(1, 2, "k.x.y"): "000000000000001.000000000002#k.x.y",
    keys.mark("shardId-1"): "mark#shardId-1",
    str(keys.reference_share("acme", "credits")): "9",
    keys.paid("dodo"): "paid#dodo",
    keys.notices("acme", "credits"): "notice#acme#credits",
    keys.spans("credits"): "spans#credits",
    keys.profile("acme"): "profile#acme",
    keys.countries("acme"): "country#acme",
    # printf a@b.example | sha256sum
    keys.opt_out("a"): "optout#a",
    keys.mailbox("a@b.example"): "email#ebb18a030bf15174f5714e24d63af1a81355c951ea7389bd2a9bd18e3d0c2477",
    keys.shard_name(6): "06",
    keys.shard(keys.wallet("acme", "credits")): "57",
}
CONSTANTS: Final = {
    "WALLET": "wallet",
    "WALLETS": "w#",
    "PAYMENTS": "payment#",
    "PAGE": "page#",
    "DUE": "due#",
    "EXHAUSTED": "rest#",
    "LONGEST_REFERENCE": 400,
    "RUN_OUT_SHARES": 16,
    "ROLLUP_BEGINS": 20_000_000,
    "LAST_CROSSING": 999_999_999_999,
    "PAST_ALERTS": "past#",
    "MARK": "mark#",
    "AUDIT": "audit",
    "AUTO_TOPUPS": "autotopups",
    "AUTO_TOPUP": "autotopup",
    "SUBSCRIPTION_OF": "renewing#",
    "DUNNING_OF": "dunning#",
    "DUNNING": "dunning",
    "CHART": "chart",
    "HEAD": "head",
    "COUNT": "count",
    "PARKED": "parked",
    "PARKED_SWEEP": "sweep#parked",
    "SHARDS": 64,
    "OUTBOX": "outbox",
    "STREAM_SHARDS": "shards",
    "REFERENCE_SHARES": 16,
    "ACCOUNTS": "accounts",
    "UNITS": "units",
    "PACKS": "packs",
    "RATES": "rates",
    "PROMOTIONS": "promotions",
    "COMPENSATIONS": "compensations",
    "EXTENSIONS": "extensions",
    "TOPUPS": "topups",
    "HEARD": "payments",
    "STATEMENT_KEYS": "statementkeys",
    "WALLET_OF": "wallet#",
    "TOPUP_OF": "topup#",
    "PAYMENT_OF": "payment#",
    "API_KEYS": "keys",
    "OWN_ALERTS": "own",
    "ARCHIVE": "archive",
    "PERIODS": "periods",
}
SIDECARS: Final = [
    name.strip() for name in (keys.__doc__ or "").partition("sidecars: ")[2].partition("unit#")[0].split(",")
]
"""The kinds of sidecars, as the layout names them."""


def test_keys_have_the_shapes_they_had() -> None:
    assert list(ONE_OF_EACH) == list(ONE_OF_EACH.values())
    assert {name: one for name, one in vars(keys).items() if name.isupper()} == CONSTANTS


def test_every_function_of_a_key_is_looked_at() -> None:
    """Those that take a key apart are not of interest here."""
    named = {name for name, one in vars(keys).items() if callable(one) and one.__module__ == keys.__name__}
    apart = {
        "auto_topup_parts",
        "wallet_parts",
        "payment_parts",
        "sidecar_name",
        "hour_of_rollup",
        "named_at",
        "instant_at",
        "listed_key_id",
    }
    assert len(named - apart) == len(ONE_OF_EACH)


@steady
@given(
    one=st.tuples(st.integers(0, MAX_INSTANT), st.integers(0, LAST_SEQ)),
    other=st.tuples(st.integers(0, MAX_INSTANT), st.integers(0, LAST_SEQ)),
)
def test_positions_of_the_timeline_sort_by_instant_and_then_by_sequence(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert (keys.timeline(*one) < keys.timeline(*other)) == (one < other)


@steady
@given(one=st.integers(0, MAX_INSTANT), other=st.integers(0, MAX_INSTANT))
def test_due_items_sort_by_their_instant(one: int, other: int) -> None:
    assert (keys.due(one, "lot.9") < keys.due(other, "lot.9")) == (one < other)


def test_a_wallets_item_is_the_last_of_its_partition() -> None:
    """A query that reads all of it has read the version last: what was read before belongs to it (`partition`)."""
    others = (
        keys.PAGE,
        keys.DUE,
        keys.EXHAUSTED,
        *(f"{kind}#" for kind in SIDECARS),
    )
    assert max(others) < keys.WALLET


def test_keys_are_taken_apart_again() -> None:
    assert keys.wallet_parts(keys.wallet("acme", "credits")) == ("acme", "credits")
    assert keys.payment_parts(keys.payment("dodo", "pay#1")) == ("dodo", "pay#1")
    assert keys.named_at(keys.at_instant(7, "k")) == "k"
    assert keys.instant_at(keys.at_instant(7, "k")) == 7
    assert keys.sidecar_name(keys.sidecar("allowance", "pro.2027")) == ("allowance", "pro.2027")
    for begins in ("", keys.TOPUP_OF):
        assert keys.named_at(begins + keys.at_instant(7, "top_1")) == "top_1"
    for begins in ("", keys.PAYMENT_OF):
        assert keys.named_at(begins + keys.at_instant(7, "dodo#pay#1")) == "dodo#pay#1"


@pytest.mark.parametrize("pk", ["", "w", "w#acme", "w#acme#credits#more"])
def test_another_key_is_no_wallets(pk: str) -> None:
    with pytest.raises(ValueError, match="unpack"):
        keys.wallet_parts(pk)


def test_wallets_are_spread_over_all_shards() -> None:
    """Of 6 400 wallets each of 64 partitions lists 100, more or less."""
    found = [keys.shard(keys.wallet(f"acme-{number}", "credits")) for number in range(6400)]
    counts = [found.count(keys.shard_name(number)) for number in range(keys.SHARDS)]
    assert min(counts) > 50
    assert max(counts) < 200


@pytest.mark.parametrize("longest", ["j" * 200 + ":" + "1" * 200, "🂡" * 200 + ":" + "🂡" * 200])
def test_a_reference_of_any_length_has_a_key_that_a_table_takes(longest: str) -> None:
    """And that leaves its item under a write unit: 400 letters fit as they are, 400 of four bytes do not."""
    key = keys.reference(7, longest)
    assert len(key.encode()) <= 2048
    assert len(key.encode()) <= len("reference#07#") + 401
    others = {
        keys.reference(7, longest[:-1]),
        keys.reference(8, longest),
        keys.reference(7, "x" + longest[1:]),
    }
    assert key not in others
    assert len(others) == 3


def test_a_reference_of_400_bytes_is_its_own_name_and_one_of_401_is_hashed() -> None:
    name = "job:".ljust(400, "j")
    assert keys.reference(7, name) == f"reference#07#{name}"
    digest = hashlib.sha256(f"{name}j".encode()).hexdigest()
    assert keys.reference(7, f"{name}j") == f"reference#07#sha256-{digest}"


def test_a_hashed_reference_is_no_other_references_name() -> None:
    """A name has a colon, which a hash has not."""
    assert keys.reference(0, "x" * 300 + ":" + "y" * 300).partition("#00#")[2].count(":") == 0


def test_the_wallets_of_a_reference_are_spread_over_all_its_shares() -> None:
    """Of 1 600 wallets each of 16 shares has 100, more or less."""
    found = [keys.reference_share(f"acme-{number}", "credits") for number in range(1600)]
    counts = [found.count(number) for number in range(keys.REFERENCE_SHARES)]
    assert min(counts) > 60
    assert max(counts) < 150


def kinds_used() -> set[str]:
    """The kind of each sidecar that a module of the domain reads or keeps, as its code names it."""
    kinds = set()
    for found in iter_modules(wallets.__path__, f"{wallets.__name__}."):
        module = import_module(found.name)
        for node in ast.walk(ast.parse(inspect.getsource(module))):
            match node:
                case ast.Call(func=ast.Attribute(attr="keep" | "sidecar"), args=[kind, *others]):
                    if isinstance(kind, ast.Starred):
                        assert not others, "read by the name of another sidecar"
                    else:
                        kinds.add(attrgetter(ast.unparse(kind))(module))
    return kinds


def test_the_layout_names_every_kind_of_sidecar() -> None:
    assert set(SIDECARS) == kinds_used()
    assert {"note", "hold", "mistake", "carried"} <= kinds_used()
