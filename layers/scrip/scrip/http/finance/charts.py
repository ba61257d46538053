"""The chart of accounts: its body and its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, cast

from pydantic import create_model

from scrip.domain.finance.accounts import cash
from scrip.domain.finance.charts import ACCOUNTS, MAX_NAME, RATES, Chart
from scrip.http.edge.answers import TypedDict
from scrip.http.edge.bodies import Body
from scrip.http.edge.mistakes import matching
from scrip.providers import having

_CONTROL: Final = r"\u0000-\u001f\u007f-\u009f"
NAME_PATTERN: Final = rf"^[^ =+@\-{_CONTROL}]([^{_CONTROL}]{{0,{MAX_NAME - 2}}}[^ {_CONTROL}])?$"
NAME_FORM: Final = (
    f"must be null or 1 to {MAX_NAME} characters, without control characters and spaces at its ends, that do not begin "
    "with = + - or @: programs that read tables take such a text for a formula"
)
AccountName = Annotated[str, matching(NAME_PATTERN, NAME_FORM)]
"""What an account is called."""
PROVIDERS: Final = sorted(having("webhook"))

if TYPE_CHECKING:
    ChartOfAccountsBody = Body
else:
    # A member for each account that there is, and so for each provider, and for each rate. No attribute of Python's can
    # have their names.
    ChartOfAccountsBody = create_model(
        "ChartOfAccountsBody",
        __base__=Body,
        __module__=__name__,
        __doc__="What accounts of the books, and rates, are called. It replaces all that was said before: an account "
        "that is left out, or null, has its own name again.",
        **dict.fromkeys((*ACCOUNTS, *map(cash, PROVIDERS), *RATES), (AccountName | None, None)),
    )


class ChartOfAccountsView(TypedDict):
    """What the accounts of the books, and rates, are called: a member for each."""

    version: int
    """Counts changes; 0: nobody named any account yet."""


def names(body: ChartOfAccountsBody) -> dict[str, str]:
    """Returns the names that a body says, by the keys of their accounts."""
    return {key: name for key, name in body.model_dump().items() if name is not None}


def chart_view(chart: Chart) -> ChartOfAccountsView:
    """Shows what every account is called."""
    return cast("ChartOfAccountsView", {**chart.all_names(PROVIDERS), "version": chart.version})
