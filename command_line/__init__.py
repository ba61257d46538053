"""``scrip``: the command line, for whoever runs Scrip and for their programs. It is in no layer.

What has an HTTP route goes over HTTP, by the Python client and with an API key. What needs the tables themselves (the
first key, verification, redriving, ...) is an operator's: with AWS credentials, in ``operator``.

Modules

    application     all commands, their names, and what every one of them takes
    wallets         balances, lots, entries, explanations; grants and burns
    holds           ``hold place``, ``capture``, ``release``, ``list`` and ``show``
    payments        ``search``, ``payments``, ``topup``
    keys            ``key create``, ``list``, ``rotate``, ``delete`` and ``bootstrap``
    audit           ``audit``
    statements      ``statement fetch`` and ``verify``
    books           ``report``, ``journal``, ``chart get`` and ``put``
    periods         ``period close``, ``list`` and ``show``
    exports         ``export start``, ``show`` and ``fetch``
    invoices        ``invoice show`` and ``void``
    usage           ``usage show``, ``rejected`` and ``redrive``; ``forecast``
    configuration   ``diff``, ``push`` and ``pull``: units, rates, packs and promotions in one file
    triggers        ``trigger``: what a provider would say, to a Scrip on this machine
    operations      the operator's commands, as they are typed
    operator        what they do
    profiles        where Scrip is, under a name: ``~/.config/scrip/config.toml``
    stacks          where Scrip is, as its CloudFormation stack says
    connections     where Scrip is, this time
    parameters      what many commands take, and what a command is
    output          tables for people, JSON for programs
    mistakes        what went wrong, in a sentence, and the exit status
    __main__        the same command as ``python -m command_line``
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status, which ``scrip --help`` explains."""
    try:
        from command_line import application
    except ModuleNotFoundError as error:
        print(f"scrip: {error.name} is not installed: pip install 'scrip[cli]'", file=sys.stderr)
        return 2
    return application.run(sys.argv[1:] if arguments is None else list(arguments))
