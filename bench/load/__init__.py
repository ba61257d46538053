"""Ten minutes at this machine's limit: ``make load``, ``python -m bench.load [--minutes 10] [--clients 8] [--seed N]``.

    running   a town of wallets on a deployed stack, clients that use it, and what came of it
    mix       what a client does: burns most of all, and everything else that moves or reads credits, and buying
    asking    requests as a well-behaved client sends them, and the books of what was asked and answered
    memory    the resident memory of the functions' workers, while it runs
    audit     afterwards: the ledger against the books
    report    the tables, and docs/bench/load.json

The stack is a local AWS with IAM enforced and its schedules running; everything goes over HTTP.
"""
