"""What Scrip costs, measured beside what else one would do: ``make bench``, ``python -m bench [--only NAME] [--full]``.

    stage       the local AWS with template.yaml on it; events; wallets planted in bulk
    meter       calls, units, bytes and log lines of an operation; processor time, contestants side by side
    rivals      the floor (one hand-built transaction) and the usual way (decorator, read, transaction)
    operations  what each operation costs
    row_sizes   bytes of the rows that a burn writes
    dollars     what an operation comes to with everything in, and what an idle month does
    lists       what lists read, at their first page and at their last
    cold        cold starts from the built layer alone
    sizes       cost against how much a wallet holds
    model       many writers in virtual time: latency, conflicts, a partition's limit
    usage       what it costs to know what was used
    usage_events  events of usage, queued and burned together
    events      what events add to burns: calls, and dollars
    search      entries with one reference: what is written for them, and what a search reads
    hot         one wallet that everybody writes
    due         what time has done to one wallet: reads that follow it, commits that book it; many holds
    sweep       many lots due at once
    burn_pages  pages of burns and settlements of leases: counted, and what one wallet takes of them
    senders     clients of one wallet: one sender of pages, many holders of leases
    gateway     the product's client before the product's functions, in virtual time
    virtual     an event loop in virtual time, and functions whose waits are the loop's
    archives    archives of as many entries as are wanted, as editions write them
    books       what reports of the books cost, beside a plain sum of the same postings
    postgres    wallets in PostgreSQL, by hand and as pgledger has them, on a server of this benchmark's own
    budgets     what must be true of the figures
    compare     this tree's burns and cold starts beside those of another commit: ``python -m bench.compare TREE``
    warm        the burns that compare times, in a process of their own
    places      in how many places a change of the contract is edited by hand; it measures no time
    report      the table, docs/bench/bench.json and docs/bench/bench.svg

Never deployed. Counts are exact on every machine; times are this machine's, so that only their ratios mean much.
"""

import os

# Functions sign in Python: the layer has no AWS CRT. Without this, this machine's would sign for us and our rivals.
os.environ.setdefault("BOTO_DISABLE_CRT", "true")
