"""``make run``: Scrip on this machine, in the foreground, with a demo in it. Ctrl-C stops everything."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from local import listener, seed
from local.ending import as_by_ctrl_c
from local.listener import Listener
from local.stack import OF_APPS, REGION, ROOT, STANDINS, Stack, StackError, port_is_free, stack_name

ORIGIN: Final = "http://localhost:3000"
"""Whose pages may call the API from a browser."""
ENV_FILE: Final = ROOT / ".local" / "env"
DEFAULT_PORT: Final = "4566"

WELCOME = """
Scrip runs at {url} (started in {seconds:.0f} s)

  .  .local/env
  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/accounts/demo-acme/balance"
  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/accounts/demo-acme/entries"
  curl -H "Authorization: Bearer $SCRIP_API_KEY" -H "Idempotency-Key: try-1" \\
       -H "Content-Type: application/json" -d '{{"amount": "10"}}' "$SCRIP_URL/v1/accounts/demo-acme/burns"

  What happens is sent to the webhook endpoint `demo`, which prints it here. Burn demo-low's last credits to see it, or
  90 more of demo-auto's, which is topped up by itself. These show what was sent, and how the automatic top-up stands:

  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/webhook-endpoints/demo/deliveries"
  curl -H "Authorization: Bearer $SCRIP_API_KEY" "$SCRIP_URL/v1/accounts/demo-auto/auto-topup"

  admin key     {key}
  local AWS     {aws}
  Dodo          {dodo}
  Stripe        {stripe}
  Paddle        {paddle}
  all of it     .local/env

Ctrl-C stops everything. State is in memory.
"""


class Steps:
    """Prints what is done next, and how many seconds after the start."""

    def __init__(self, began: float) -> None:
        self._began = began

    def __call__(self, step: str) -> None:
        """Prints one step."""
        print(f"{time.monotonic() - self._began:4.0f} s  {step}", flush=True)


def main() -> int:
    """Serve until told to stop. 0: was told so; 1: did not come up."""
    as_by_ctrl_c()
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
    port = int(os.environ.get("SCRIP_PORT") or DEFAULT_PORT)
    asked = {name: os.environ.get(f"SCRIP_{name.upper()}_BASE_URL") for name in STANDINS}
    elsewhere = {name: url for name, url in asked.items() if url}
    if not port_is_free(port):
        raise StackError(f"port {port} is taken; choose another with SCRIP_PORT")
    ENV_FILE.unlink(missing_ok=True)
    tell = Steps(began)
    with (
        contextlib.ExitStack() as stopping,
        tempfile.TemporaryDirectory(prefix="scrip-", ignore_cleanup_errors=True) as workdir,
        Stack.start(
            Path(workdir), port=port, base_urls=elsewhere, parameters={"CorsOrigins": ORIGIN}, tell=tell
        ) as stack,
    ):
        tell("selling a pack to demo-acme, and burning some of it")
        listener.prepare(stack)
        seed.seed(stack)
        tell("sending events to an endpoint that prints them here: a low balance, an automatic top-up")
        heard = Listener(lambda line: print(line, flush=True))
        stopping.callback(heard.stop)
        listener.show(stack, heard)
        urls = elsewhere | {name: standin.url for name, standin in stack.standins.items()}
        seconds = time.monotonic() - began
        told = {"url": stack.url, "key": stack.admin_key, "aws": stack.endpoint_url, **urls}
        print(WELCOME.format(seconds=seconds, **told), flush=True)
        with env_file(stack):
            return stack.wait()


def settings(stack: Stack) -> str:
    """What a shell needs to talk to this stack, as lines that it reads with ``.``. They are exported, so that what the
    shell starts (``scrip``, ``aws``, a client) knows them too."""
    names = {
        "SCRIP_URL": stack.url,
        "SCRIP_API_KEY": stack.admin_key,
        "SCRIP_STACK": stack_name(),
        "SCRIP_CORS_ORIGIN": ORIGIN,
        "AWS_ENDPOINT_URL": stack.endpoint_url,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": stack.environment["AWS_ACCESS_KEY_ID"],
        "AWS_SECRET_ACCESS_KEY": stack.environment["AWS_SECRET_ACCESS_KEY"],
        **stack.settings,
        **{f"SCRIP_{name.upper()}_WEBHOOK_SECRET": secret for name, secret in stack.webhook_secrets.items()},
        **{f"SCRIP_{name.upper()}_APP_KEY": stack.standins[name].api_key for name in OF_APPS},
        **{f"SCRIP_{name.upper()}_STANDIN": standin.url for name, standin in stack.standins.items()},
        "SCRIP_EXPIRY_FUNCTION": stack.outputs["ExpiryFunction"],
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in names.items())


@contextlib.contextmanager
def env_file(stack: Stack) -> Iterator[None]:
    """Keeps ``settings`` in a file for as long as this runs. It is written last and by rename, so that whoever sees it
    can use it, and taken away if no other run has written its own since."""
    text = settings(stack)
    ENV_FILE.parent.mkdir(exist_ok=True)
    fresh = ENV_FILE.with_name(f"env.{os.getpid()}")
    fresh.write_text(text)
    fresh.replace(ENV_FILE)
    try:
        yield
    finally:
        if ENV_FILE.exists() and ENV_FILE.read_text() == text:
            ENV_FILE.unlink()


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        sys.exit(main())
