"""All commands, their names, and what every one of them takes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer._click.exceptions import ClickException, UsageError  # typer shows all of its errors but these two

from command_line import (
    audit,
    books,
    configuration,
    exports,
    holds,
    invoices,
    keys,
    operations,
    payments,
    periods,
    profiles,
    statements,
    triggers,
    usage,
    wallets,
)
from command_line.connections import Invocation
from command_line.mistakes import INTERRUPTED, STATUSES, UNREAD, UNUSABLE, Mistake, Unread, explain
from command_line.output import Column, say
from command_line.parameters import Command, invocation

_EXITS = "\b\nExit status\n" + "\n".join(f"  {status:<4} {meaning}" for status, meaning in STATUSES)
"""Told by ``scrip --help``. The sign before it keeps its lines as they are."""


def _group(help_: str) -> typer.Typer:
    return typer.Typer(help=help_, rich_markup_mode=None, add_completion=False, no_args_is_help=False)


app = typer.Typer(
    name="scrip",
    help="The command line of Scrip, prepaid billing credits.",
    epilog=_EXITS,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=False,
)


@app.callback()
def begin(
    context: typer.Context,
    url: Annotated[str | None, typer.Option(help="where Scrip is; else SCRIP_URL")] = None,
    key: Annotated[str | None, typer.Option(help="an API key; else SCRIP_API_KEY")] = None,
    stack: Annotated[
        str | None, typer.Option(help="the CloudFormation stack that says where Scrip is")
    ] = None,
    profile: Annotated[
        str | None, typer.Option(help="a profile; else SCRIP_PROFILE: see scrip profile")
    ] = None,
    test_clock: Annotated[
        str | None,
        typer.Option(
            metavar="INSTANT",
            help="decide as at this instant, where a test clock is enabled",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON; any command takes it too")] = False,
) -> None:
    """Keeps what was typed before the command."""
    if url and stack:
        raise Mistake("give --url or --stack, and not both")
    context.obj = Invocation(url, key, stack, profile, test_clock, as_json)


def _add(to: typer.Typer, name: str, command: Callable[..., Any]) -> None:
    to.command(name, cls=Command)(command)


def show_version(context: typer.Context) -> None:
    """Shows which version of the command this is."""
    try:
        found = version("scrip")
    except PackageNotFoundError:
        found = "unknown"
    invocation(context).output.document({"version": found})


def add_profile(
    context: typer.Context,
    name: Annotated[str, typer.Argument()],
    use: Annotated[bool, typer.Option("--use", help="where no other is named")] = False,
) -> None:
    """Keeps --url or --stack, and a key, under a name: scrip --url URL profile add NAME.

    The key is --key; else it is asked for, or read from the standard input.
    """
    asked = invocation(context)
    profiles.check_name(name)
    if not (asked.url or asked.stack):
        raise Mistake(f"where is it? scrip --url URL profile add {name}, or --stack STACK in its place")
    key = asked.key
    if key is None:
        key = (
            typer.prompt("API key (nothing: none)", hide_input=True, default="", show_default=False, err=True)
            if sys.stdin.isatty()
            else sys.stdin.readline().strip()
        )
    known = profiles.load().put(name, profiles.Profile(asked.url, asked.stack, key or None))
    path = profiles.save(known.use(name) if use else known)
    say(f"{name} is in {path}")


def list_profiles(context: typer.Context) -> None:
    """Lists the profiles, without their keys."""
    known = profiles.load()
    rows = [
        {
            "name": name,
            "default": name == known.default,
            "url": profile.url,
            "stack": profile.stack,
            "has_key": profile.key is not None,
        }
        for name, profile in sorted(known.profiles.items())
    ]
    columns = [Column(name) for name in ("name", "default", "url", "stack", "has_key")]
    invocation(context).output.items(rows, columns)


ProfileName = Annotated[str, typer.Argument(metavar="NAME")]


def use_profile(name: ProfileName) -> None:
    """Uses a profile where no other is named."""
    profiles.save(profiles.load().use(name))


def delete_profile(name: ProfileName) -> None:
    """Forgets a profile and the key in it."""
    profiles.save(profiles.load().delete(name))


_GROUPS: dict[str, tuple[str, dict[str, Callable[..., Any]]]] = {
    "hold": (
        "Credits set aside.",
        {
            "place": holds.place,
            "capture": holds.capture,
            "release": holds.release,
            "list": holds.list_holds,
            "show": holds.show,
        },
    ),
    "payments": ("Payments.", {"list": payments.list_payments, "show": payments.show_payment}),
    "topup": (
        "Orders of packs.",
        {
            "create": payments.create_topup,
            "list": payments.list_topups,
            "show": payments.show_topup,
            "cancel": payments.cancel_topup,
        },
    ),
    "key": (
        "API keys.",
        {
            "create": keys.create,
            "list": keys.list_keys,
            "rotate": keys.rotate,
            "delete": keys.delete,
            "bootstrap": keys.bootstrap,
        },
    ),
    "usage": (
        "What was used, and usage events that could not be burned.",
        {"show": usage.show, "rejected": usage.rejected, "redrive": usage.redrive},
    ),
    "statement": (
        "Months of a wallet, as signed files.",
        {"fetch": statements.fetch, "verify": statements.verify},
    ),
    "period": (
        "Months of the books.",
        {"close": periods.close, "list": periods.list_periods, "show": periods.show},
    ),
    "export": (
        "Files of entries, the journal, lots and what was used.",
        {"start": exports.start, "show": exports.show, "fetch": exports.fetch},
    ),
    "chart": ("What accounts of the books are called.", {"get": books.get_chart, "put": books.put_chart}),
    "invoice": ("Credits that pay invoices.", {"show": invoices.show, "void": invoices.void}),
    "deliveries": (
        "What providers sent. With AWS credentials.",
        {
            "list": operations.list_deliveries,
            "waiting": operations.list_waiting_deliveries,
            "show": operations.show_deliveries,
            "replay": operations.replay_deliveries,
        },
    ),
    "profile": (
        "Where Scrip is, under a name.",
        {"add": add_profile, "list": list_profiles, "use": use_profile, "delete": delete_profile},
    ),
}
_COMMANDS: dict[str, Callable[..., Any]] = {
    "balance": wallets.balance,
    "lots": wallets.lots,
    "entries": wallets.entries,
    "records": wallets.records,
    "explain": wallets.explain,
    "forecast": usage.forecast,
    "grant": wallets.grant,
    "burn": wallets.burn,
    "accounts": wallets.accounts,
    "search": payments.search,
    "audit": audit.audit,
    "report": books.report,
    "journal": books.journal,
    "diff": configuration.diff,
    "push": configuration.push,
    "pull": configuration.pull,
    "trigger": triggers.trigger,
    "verify": operations.verify,
    "reconcile": operations.reconcile,
    "redrive": operations.redrive,
    "reindex": operations.reindex,
    "rollup": operations.roll_up,
    "republish": operations.republish,
    "units": operations.units,
    "version": show_version,
}

for _name, _command in _COMMANDS.items():
    _add(app, _name, _command)
for _name, (_help, _members) in _GROUPS.items():
    _made = _group(_help)
    for _member, _command in _members.items():
        _add(_made, _member, _command)
    app.add_typer(_made, name=_name)


def run(arguments: Sequence[str]) -> int:
    """Runs one command and returns its exit status. What went wrong is a sentence on the standard error."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        # With one that is set to nothing, botocore would go to no region, and say whatever comes of it.
        if os.environ.get(name) == "":
            del os.environ[name]
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        status = typer.main.get_command(app).main(list(arguments), prog_name="scrip", standalone_mode=False)
        sys.stdout.flush()
    except (Unread, BrokenPipeError):
        _print_no_more()
        return UNREAD
    except UsageError as error:
        where = error.ctx.command_path if error.ctx else "scrip"
        say(f"{_told(error)} (see {where} --help)")
        return UNUSABLE
    except ClickException as error:
        say(error.format_message())
        return UNUSABLE
    except (typer.Abort, KeyboardInterrupt):
        say("interrupted")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - whatever it is, nobody sees a traceback
        known, sentence = explain(error)
        say(sentence)
        if isinstance(error, OSError):
            _print_no_more()
        return known
    if status == INTERRUPTED:
        say("interrupted")
    return int(status or 0)


def _open_what_is_closed() -> None:
    """Opens the standard files that the shell has closed (``>&-``), so that whoever prints need not ask."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - until the command ends


def _print_no_more() -> None:
    """Lets what is not printed yet go nowhere: Python would print it at its end, and complain."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _told(error: UsageError) -> str:
    """Returns what is wrong with the command, and which commands there are where one is missing."""
    said = error.format_message().rstrip(".").replace("\n", " ")
    members = getattr(error.ctx.command, "commands", None) if error.ctx else None
    if said.endswith("?"):  # it says already which one may be meant
        return said
    return f"{said}: one of {', '.join(members)}" if members and "ommand" in said else said
