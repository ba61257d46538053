"""What an operation comes to in dollars a million, with everything in, and what Scrip costs while nobody calls.

List prices of prices.json. Measured are units, calls, processor time, bytes of lines, of answers and of stored items.
Assumed, and said beside the figures, is how long a call takes, how often one key calls, how long rows stay. Streams
add nothing: the ledger's is read by Lambda, which is free, and its filter wakes no function for a put.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

import yaml

from bench.meter import PRICES, Bill
from local.stack import ROOT

CALLS_A_SECOND: Final = 1.0
"""Calls of one API key: it is looked up once in 30 s, by the authorizer."""
AUTHORIZER_SECONDS: Final = 30
AUTHORIZER_MS: Final = 6
"""One read of 4 ms, and its work."""
AUTHORIZER_READS: Final = 2
"""Read units: the key, and when it was used last."""
MONTHS_STORED: Final = 12
"""Months for which a row's storage is counted: it stays for ever, at the same price each month."""
LOG_MONTHS: Final = 1
"""Months for which lines stay: the template's retention of 30 days."""
MILLION: Final = 1_000_000
PLATFORM_LINE_BYTES: Final = 0
"""Lambda's own lines: the template's system log level leaves them out where nothing is wrong."""
MONTH_MINUTES: Final = 43_200
LOOK_MS: Final = 60
"""A look of the outbox at the stream: nine calls, and its work."""
NOTICES_MS: Final = 100
"""Of a run in which no notice is due: 64 queries, sixteen at a time, and a read of the endpoints."""
MONTH_HOURS: Final = 730


@dataclass(frozen=True, slots=True)
class Measured:
    """One operation as it was measured.

    Attributes:
        cpu_ms: processor time of the handler, on a whole processor.
        answer_bytes: what the gateway sends to the caller.
        stored_bytes: what stays in the tables and their indexes for it, the overhead of each item included.
        requests: HTTP requests that it takes.
    """

    bill: Bill
    cpu_ms: float
    answer_bytes: int
    stored_bytes: int
    requests: int = 1

    @property
    def billed_ms(self) -> float:
        """Lambda's billed time: the waits for DynamoDB, and the work at the memory's share of a processor."""
        waits = PRICES["call_ms"]
        share = PRICES["lambda_gb"] * 1024 / PRICES["lambda_vcpu_mb"]
        return float(sum(waits.get(call, waits["else"]) for call in self.bill.calls) + self.cpu_ms / share)


def parts(of: Measured) -> dict[str, float]:
    """Dollars of a million, part by part; ``at once`` is their sum without storage, ``together`` with it."""
    bill, gb = of.bill, PRICES["lambda_gb"]
    misses = of.requests / (CALLS_A_SECOND * AUTHORIZER_SECONDS)
    lines = bill.log_bytes + of.requests * (PRICES["gateway_line_bytes"] + PLATFORM_LINE_BYTES)
    authorizer_second = gb * PRICES["lambda_gb_second_arm64"] * AUTHORIZER_MS / 1000
    each = {
        "write units": bill.billed_write_units * PRICES["write_unit"],
        "read units": bill.read_units * PRICES["read_unit"],
        "HTTP API": of.requests * PRICES["http_request"],
        "egress": of.answer_bytes * PRICES["egress_byte"],
        "Lambda requests": of.requests * PRICES["lambda_request"],
        "Lambda time": of.billed_ms / 1000 * gb * PRICES["lambda_gb_second_arm64"],
        "authorizer": misses
        * (PRICES["lambda_request"] + authorizer_second + AUTHORIZER_READS * PRICES["read_unit"]),
        "logs": lines * (PRICES["log_byte"] + LOG_MONTHS * PRICES["log_stored_byte_month"]),
        "storage, a year": of.stored_bytes * MONTHS_STORED * PRICES["table_byte_month"],
        "PITR, a year": of.stored_bytes * MONTHS_STORED * PRICES["pitr_byte_month"],
        "streams": 0.0,
    }
    found = {name: round(dollars * MILLION, 3) for name, dollars in each.items()}
    stored = each["storage, a year"] + each["PITR, a year"]
    together = sum(each.values())
    return {
        **found,
        "at once": round((together - stored) * MILLION, 2),
        "together": round(together * MILLION, 2),
    }


def choices(stored_bytes: float) -> dict[str, float]:
    """What the template's choices for its tables come to, where a burn leaves so many bytes in the ledger.

    A burn writes two units to the ledger and one to its index. Provisioned, both tables and both indexes keep the
    template's least units ready.
    """
    least = {
        kind: template()["Parameters"][f"Least{kind}Units"]["Default"] * PRICES[f"{kind.lower()}_unit_hour"]
        for kind in ("Read", "Write")
    }
    ready = 4 * sum(least.values())
    standard, infrequent = (3 * PRICES[name] * MILLION for name in ("write_unit", "write_unit_infrequent"))
    kept, kept_infrequent = (
        stored_bytes * PRICES[name] * MILLION for name in ("table_byte_month", "table_byte_month_infrequent")
    )
    return {
        "provisioned pays from": PRICES["write_unit_hour"] / (3600 * PRICES["write_unit"]),
        "an hour on demand": 3600 * PRICES["write_unit"],
        "an hour of the least": ready,
        "a month of the least": ready * MONTH_HOURS,
        "written": standard,
        "written, infrequent": infrequent,
        "kept a month": kept,
        "kept a month, infrequent": kept_infrequent,
        "infrequent pays from": (infrequent - standard) / (kept - kept_infrequent),
    }


def idle() -> dict[str, Any]:
    """What a month costs in which nobody calls: what template.yaml declares, by its list price."""
    kinds = Counter(resource["Type"] for resource in template()["Resources"].values())
    sweeps = MONTH_MINUTES * 4
    sweep_ms = 80.0
    each = {
        "alarms": kinds["AWS::CloudWatch::Alarm"] * PRICES["alarm_month"],
        "secrets": kinds["AWS::SecretsManager::Secret"] * PRICES["secret_month"],
        "keys of KMS": kinds["AWS::KMS::Key"] * PRICES["kms_key_month"],
        "custom metrics": 3 * PRICES["custom_metric_month"],
        # Sixteen index queries each, of half a unit.
        "sweep": sweeps
        * (
            PRICES["lambda_request"]
            + 16 * 0.5 * PRICES["read_unit"]
            + sweep_ms / 1000 * PRICES["lambda_gb_second_arm64"]
        ),
        # The index's 64 partitions again, and what is due to be sent.
        "notices": MONTH_MINUTES
        * (
            PRICES["lambda_request"]
            + 65 * 0.5 * PRICES["read_unit"]
            + NOTICES_MS / 1000 * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
        ),
        # Of a stream with one shard: what it remembers is read twice, its mark written; and the stream is asked for
        # less than the reads that are free.
        "looks": MONTH_MINUTES
        * (
            PRICES["lambda_request"]
            + 2 * PRICES["read_unit"]
            + PRICES["write_unit"]
            + LOOK_MS / 1000 * PRICES["lambda_gb"] * PRICES["lambda_gb_second_arm64"]
        ),
    }
    counts = {"alarms": kinds["AWS::CloudWatch::Alarm"], "secrets": kinds["AWS::SecretsManager::Secret"]}
    return {
        **counts,
        "dollars": {name: round(dollars, 2) for name, dollars in each.items()},
        "together": round(sum(each.values()), 2),
    }


def template() -> dict[str, Any]:
    """``template.yaml``, its tags left out."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, Loader=_Plain)  # noqa: S506 - a SafeLoader
    return found


class _Plain(yaml.SafeLoader):
    """Reads a template whose tags (``!Ref``) do not matter."""


def _untagged(loader: yaml.SafeLoader, _suffix: str, node: yaml.Node) -> Any:
    """Reads a node as what it is without its tag."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_scalar(node)  # type: ignore[arg-type]


_Plain.add_multi_constructor("!", _untagged)
