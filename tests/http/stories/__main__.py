"""``python -m tests.http.stories``: writes what is answered now, and the rows that are left."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cache

import pytest

from local.standins import dodo as dodo_standin
from local.standins import stripe as stripe_standin
from scrip import runtime
from scrip.store.tables import Tables
from tests.aws import PROVIDER_KEY, WEBHOOK_SECRET, InMemory, deployed
from tests.http.stories import STORIES, told, wallets
from tests.http.stories.story import FILE, ROWS, rows, shown


def main() -> None:
    """Writes what is answered now."""
    found = {}
    with ExitStack() as stack:
        dodo = dodo_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stripe = stripe_standin.start(0, "", WEBHOOK_SECRET, PROVIDER_KEY)
        stack.callback(dodo.stop)
        stack.callback(stripe.stop)
        scrip = stack.enter_context(deployed(dodo.url, stripe.url))
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for tale in STORIES:
            tables = Tables(InMemory(), "wallets", "ledger")  # type: ignore[arg-type]
            patch.setattr(runtime, "tables", cache(lambda tables=tables: tables))
            scrip.cold()
            found[tale.__name__] = told(scrip, dodo, stripe, tale)
            if tale is wallets:
                ROWS.write_text(shown(rows()), encoding="utf-8")
    FILE.write_text(shown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
