"""Numbers that services go by: how much at once, for how long, how often. Each is a decision, and is here once more,
worked out: whoever changes one says so in both places."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from scrip import services

BOUNDS: Final = {
    "accounts.countries": {"PAGE": 100},
    "accounts.erasure": {"PAGE": 100},
    "accounts.opt_outs": {"LONGEST": 600},
    "catalogue.jwts": {
        "SECONDS": 3.0,
        "KEYS_SECONDS": 600,
        "UNKNOWN_SECONDS": 60,
        "LEEWAY_SECONDS": 5,
        "LONGEST": 8_192,
    },
    "catalogue.keys": {"DAY_MS": 86_400_000, "OVERLAP_MS": 86_400_000, "SECRETS": 2, "TRIES": 14},
    "catalogue.notice_spans": {"MOST": 1_000, "TRIES": 5},
    "catalogue.rate_limits": {"SECOND_MS": 1_000, "BLOCKS": 10, "TRIES": 8, "REMEMBERED": 1_000},
    "catalogue.rates": {"CARDS_TOGETHER": 20},
    "catalogue.versions": {"WRITE_TRIES": 5},
    "engine.attempts": {"ATTEMPTS": 14, "PATIENCE": 2.5},
    "engine.cache": {
        "REMEMBERED": 512,
        "SIDECARS": 32,
        "RESTING": 1_000,
        "BESIDE": 50_000,
        "CONTENDED_FOR": 2.0,
        "CATALOGUE_FOR": 30.0,
    },
    "engine.paging": {"LOOKED": 1_000, "SECONDS": 1.0, "BATCH": 100},
    "engine.requests": {"TRIES": 14},
    "engine.walks": {"SHARDS": 64, "WORKERS": 16},
    "events.bus": {"MOST": 10, "LARGEST": 262_144, "ATTEMPTS": 4, "WAIT": 0.1},
    "events.history": {"PIECE": 100, "TRIES": 20, "WAIT": 0.05, "LAG_MS": 60_000, "WALLETS": 50},
    "events.run_outs": {
        "SHARES": 16,
        "WORKERS": 16,
        "HOUR_MS": 3_600_000,
        "PIECE": 1_000,
        "REMEMBERED": 20_000,
    },
    "finance.breakage": {"PAGE": 100},
    "finance.closes": {"NAMED": 100, "MONTHS_AT_ONCE": 40},
    "finance.editions": {
        "DAY_MS": 86_400_000,
        "GRACE_MS": 600_000,
        "READ_AT_ONCE": 8,
        "READ_ROWS": 500,
        "READ_BYTES": 100_000,
        "ADDED_BYTES": 30_000_000,
        "MOST_BYTES": 1_000_000_000,
        "MOST_SETTLEMENTS": 200_000,
        "SHOWN": 100,
    },
    "finance.export_rows": {"AT_ONCE": 500},
    "finance.exports": {"PIECE_ROWS": 500_000, "LONGEST_MS": 31_622_400_000},
    "finance.journal_pages": {"SINCE": 1_000_000_000},
    "finance.manifests": {"LOCK_MS": 960_000},
    "finance.settlements": {"LAG_MS": 600_000, "CHUNK": 40, "PAGES": 1_000, "READ_AT_ONCE": 1_000},
    "finance.statement_keys": {"TRIES": 5},
    "finance.statements": {"SETTLING_MS": 60_000, "BATCH": 500, "MOST_BYTES": 1_200_000},
    "finance.workspaces": {
        "AT_ONCE": 8,
        "KEPT_BYTES": 2_147_483_648,
        "THREADS": 2,
        "FETCHED": 1_000,
        "AGAIN_SECONDS": 0.05,
    },
    "notifications.alerts": {"LEAD_MS": 1_000, "KEPT": 50},
    "notifications.calls": {
        "CALL_SECONDS": 15.0,
        "CONNECT_SECONDS": 5.0,
        "RESOLVE_SECONDS": 5.0,
        "ANSWER_BYTES": 65_536,
        "ADDRESSES": 4,
    },
    "notifications.dispatches": {"WOKEN": 50},
    "notifications.endpoints": {"MOST_ENDPOINTS": 50, "TRIES": 8, "SECRET_BYTES": 32},
    "notifications.mail.letters": {"STALE_MS": 259_200_000, "REMEMBERED_SECONDS": 3_456_000},
    "notifications.notices": {"TOGETHER": 10, "UNITS_TOGETHER": 1_000},
    "notifications.replays": {"LONGEST_MS": 2_678_400_000},
    "notifications.tries": {"SLOTS": 5, "HELD_MS": 30_000, "PUT_OFF_SECONDS": (2, 10, 30), "LOOKED_AT": 20},
    "payments.auto_charges": {"STEPS": 12, "WORKERS": 8, "MOST_PACKS": 1_000},
    "payments.auto_topup_wakes": {"REMEMBERED_MS": 30_000},
    "payments.auto_topups": {"TRIES": 10, "PAGE": 100, "MANY": 10_000},
    "payments.deliveries": {"NAMED": 5, "CAUSES": 10},
    "payments.dunning": {"SECOND_MS": 1_000, "LATEST": 50},
    "payments.known_names": {"STEP": 40},
    "payments.lookups": {"NOT_KNOWN": 404, "NOT_ALLOWED": (401, 403)},
    "payments.orders": {"LATEST": 50, "EARLY": 50},
    "payments.posting": {"TRIES": 8},
    "payments.prompts": {"PAGE": 50},
    "payments.reconciliation": {
        "KEPT_DAYS": 31,
        "LAG_MS": 600_000,
        "APPLY_MS": 300_000,
        "PAGES": 1_000,
        "SAVE_EVERY": 10,
        "OURS": 100,
        "SEEN": 20_000,
        "MARK": 8,
    },
    "payments.refund_requests": {"LEASE_MS": 30_000, "SLOW_SECONDS": 2.0},
    "payments.refunds": {"TRIES": 8},
    "payments.resolutions": {"MAX_RESOLUTIONS": 100},
    "payments.retries": {"HOUR_MS": 3_600_000, "ASK_EVERY_MS": 86_400_000, "PAGE": 50, "COUNTED": 1_000},
    "search.reindexing": {"TRIES": 5},
    "search.searches": {
        "NEWEST_IN_WALLET": (253_402_300_799_999, 999_999_999_999),
        "FIRST_PAGE": 10,
        "READ_AT_ONCE": 100,
        "REVISIONS": 100,
    },
    "usage.events": {"WORKERS": 8, "TRIES": 3},
    "usage.forecasts": {"LOTS": 5_000, "LISTED": 1_000, "SECONDS": 8.0},
    "usage.rejections": {"KEPT_SECONDS": 3_024_000, "REDRIVEN": 500},
    "usage.rollups": {
        "EVERY": 1_000,
        "RECORDS": 20,
        "PIECE": 1_000,
        "MUCH": 5_000,
        "KEPT": 100,
        "STEP_SECONDS": 10.0,
        "DAY": 24,
        "NEAR": 3,
    },
    "usage.totals": {"SECONDS": 8.0, "TRIES": 5},
    "usage.usage_queue": {"MOST": 90, "LARGEST": 204_800},
    "verification.daily": {
        "WORKERS": 4,
        "PASS_MS": 72_000_000,
        "SAVED_MS": 30_000,
        "SHOWN": 10,
        "LARGEST": 150_000,
    },
    "verification.survey": {"PARTS": 4, "AT_ONCE": 50_000},
    "verification.usage": {"TRIES": 3},
    "verification.wallets": {"TRIES": 10},
    "wallets.accounts": {"TOGETHER": 25},
    "wallets.compensations": {"WORKERS": 8},
    "wallets.explanations": {"SETTLED_MS": 60_000, "MOST_BYTES": 10_000_000},
    "wallets.extensions": {"WORKERS": 8, "ROOM": 60, "PAGE": 64, "TRIES": 14},
    "wallets.locks": {"LONGEST": 8_192},
    "wallets.redemptions": {"RENEWALS": 4},
}


def named(source: str) -> Iterator[str]:
    """Yields the constants that a module makes itself."""
    for statement in ast.parse(source).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        for target in [statement.target] if isinstance(statement, ast.AnnAssign) else targets:
            if isinstance(target, ast.Name) and target.id.isupper():
                yield target.id


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) or (isinstance(value, tuple) and all(map(is_number, value)))


def bounds() -> Iterator[tuple[str, str, Any]]:
    """Yields the numbers of each module of services, by its name and theirs."""
    for module in pkgutil.walk_packages(services.__path__, "scrip.services."):
        made = importlib.import_module(module.name)
        for name in named(Path(str(made.__file__)).read_text(encoding="utf-8")):
            if is_number(value := getattr(made, name)):
                yield module.name.removeprefix("scrip.services."), name, value


def test_each_bound_is_what_was_decided() -> None:
    found: dict[str, dict[str, Any]] = {}
    for module, name, value in bounds():
        found.setdefault(module, {})[name] = value
    assert found == BOUNDS
