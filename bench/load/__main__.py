"""``python -m bench.load``: deploys a stack, loads it, prints, and writes docs/bench/load.json. 0: nothing is wrong."""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from bench.load.running import Load, Outcome, run
from bench.report import table
from local.ending import as_by_ctrl_c
from local.stack import ROOT, Stack

JSON_FILE: Final = ROOT / "docs" / "bench" / "load.json"
FINDINGS_TOLD: Final = 40


def printed(outcome: Outcome) -> str:
    figures = outcome.figures()
    memory = [
        {**row, "quarters_mb": " ".join(str(size) for size in row["quarters_mb"])}
        for row in figures.pop("memory")
    ]
    tables = {"operations": figures.pop("operations"), "memory": memory}
    findings = figures.pop("findings")
    parts = [f"\n== {name}\n{table(rows)}" for name, rows in tables.items()]
    parts.append("\n== all\n" + "\n".join(f"{name}: {json.dumps(told)}" for name, told in figures.items()))
    parts.append(f"\n== findings: {len(findings)}\n" + "\n".join(findings[:FINDINGS_TOLD]))
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--out", type=Path, default=JSON_FILE)
    asked = parser.parse_args()
    as_by_ctrl_c()
    with tempfile.TemporaryDirectory(prefix="scrip-load-", ignore_cleanup_errors=True) as workdir:
        print("Building and deploying template.yaml to a local AWS ...", flush=True)
        with Stack.start(Path(workdir), auth=True) as stack:
            print(f"{asked.clients} clients for {asked.minutes:g} minutes, seed {asked.seed}", flush=True)
            outcome = run(stack, Load(asked.minutes * 60, asked.clients, asked.seed))
    about: dict[str, Any] = {
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.machine()}",
    }
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    asked.out.write_text(json.dumps(about | outcome.figures(), indent=1, ensure_ascii=False) + "\n")
    print(printed(outcome))
    print(f"\nwritten: {asked.out}")
    return 1 if outcome.findings else 0


if __name__ == "__main__":
    sys.exit(main())
