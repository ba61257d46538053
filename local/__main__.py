"""``make run``: Scrip on this machine, in the foreground, with a demo in it. Ctrl-C stops everything."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import FrameType

from local import seed
from local.stack import REGION, ROOT, Stack, StackError, stack_name

ENV_FILE = ROOT / ".local" / "env"

WELCOME = """
Scrip runs at {url} (started in {seconds:.0f} s)

  .  .local/env
  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/accounts/demo-acme/balance"
  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/accounts/demo-acme/entries"
  curl -H "Authorization: Bearer $SCRIP_API_KEY" -H "Idempotency-Key: try-1" --json '{{"amount": "10"}}' \\
       "$SCRIP_URL/v1/accounts/demo-acme/burns"

  admin key     {key}
  local AWS     {aws}
  provider      {provider}
  all of it     .local/env

Ctrl-C stops everything. State is in memory.
"""


def main() -> int:
    """Serve until told to stop. 0: was told so; 1: did not come up."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            return
        stop.set()
        raise KeyboardInterrupt

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    try:
        return serve()
    except StackError as error:
        print(f"scrip: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def serve() -> int:
    """Start, seed, tell, wait. Returns 1 if the local AWS went away by itself."""
    began = time.monotonic()
    ENV_FILE.parent.mkdir(exist_ok=True)
    ENV_FILE.unlink(missing_ok=True)
    dodo = os.environ.get("SCRIP_DODO_BASE_URL") or None
    print("Building and deploying template.yaml to a local AWS ...", flush=True)
    with (
        tempfile.TemporaryDirectory(prefix="scrip-", ignore_cleanup_errors=True) as workdir,
        Stack.start(
            Path(workdir), port=int(os.environ.get("SCRIP_PORT", "4566")), dodo_base_url=dodo
        ) as stack,
    ):
        seed.seed(stack)
        provider = stack.provider.url if stack.provider else dodo
        seconds = time.monotonic() - began
        told = {"url": stack.url, "key": stack.admin_key, "aws": stack.endpoint_url, "provider": provider}
        print(WELCOME.format(seconds=seconds, **told), flush=True)
        try:
            write_env(stack)
            return stack.wait()
        finally:
            ENV_FILE.unlink(missing_ok=True)


def write_env(stack: Stack) -> None:
    """What a shell or a test needs to talk to this stack. Written last and by rename: who sees it can use it."""
    names = {
        "SCRIP_URL": stack.url,
        "SCRIP_API_KEY": stack.admin_key,
        "SCRIP_STACK": stack_name(),
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": stack.environment["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": stack.environment["AWS_SECRET_ACCESS_KEY"],
        "SCRIP_WALLETS_TABLE": stack.outputs["WalletsTable"],
        "SCRIP_LEDGER_TABLE": stack.outputs["LedgerTable"],
        "SCRIP_DODO_WEBHOOK_SECRET": stack.webhook_secret,
        "SCRIP_EXPIRY_FUNCTION": stack.outputs["ExpiryFunction"],
    }
    fresh = ENV_FILE.with_suffix(".new")
    fresh.write_text("".join(f"{name}={value}\n" for name, value in names.items()))
    fresh.replace(ENV_FILE)


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
