"""What a CloudFormation stack says of the Scrip in it: its URL, and what its tables and queues are called."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from command_line.mistakes import Mistake

PARAMETERS: Final = {
    "SCRIP_DODO_BASE_URL": "DodoBaseUrl",
    "SCRIP_STRIPE_BASE_URL": "StripeBaseUrl",
    "SCRIP_DODO_OURS": "DodoBusinessId",
    "SCRIP_STRIPE_OURS": "StripeLivemode",
    "SCRIP_PADDLE_OURS": None,
    "SCRIP_STANDARD_OURS": None,
    "SCRIP_BURN_EVENTS": "BurnEvents",
}
"""What functions have from a parameter, by variable; None: it is empty."""


@dataclass(frozen=True, slots=True)
class StackInfo:
    """A stack's name, and its outputs and parameters, by name."""

    outputs: Mapping[str, str]
    parameters: Mapping[str, str]
    name: str = ""

    @property
    def url(self) -> str:
        """Where its API is. Of a local AWS that is a path of it, as no name leads there. Raises ``Mistake``."""
        local = os.environ.get("AWS_ENDPOINT_URL")
        if local and "ApiId" in self.outputs:
            return f"{local.rstrip('/')}/_aws/execute-api/{self.outputs['ApiId']}"
        if "ApiUrl" not in self.outputs:
            raise Mistake("the stack has no output ApiUrl: is it Scrip's?")
        return self.outputs["ApiUrl"]

    def settings(self) -> dict[str, str]:
        """Returns what the operator's commands need to find its tables, queues and secrets, by variable."""
        found = {_variable(name): value for name, value in self.outputs.items()}
        for variable, name in PARAMETERS.items():
            found[variable] = self.parameters.get(name, "") if name else ""
        found["SCRIP_STACK"] = self.name
        return found


def find(name: str) -> StackInfo:
    """Asks CloudFormation for a stack.

    Raises:
        Mistake: there is none of this name, or boto3 is not installed.
    """
    try:
        import boto3
        from botocore.exceptions import ClientError
    except ModuleNotFoundError:
        raise Mistake(
            "to ask for a stack, boto3 has to be installed: pip install boto3, or give --url"
        ) from None
    try:
        answer = boto3.client("cloudformation").describe_stacks(StackName=name)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ValidationError":
            raise Mistake(
                f"there is no stack {name} in this region: check AWS_DEFAULT_REGION and AWS_PROFILE"
            ) from error
        raise
    (stack, *_) = answer["Stacks"]
    return StackInfo(
        {row["OutputKey"]: row["OutputValue"] for row in stack.get("Outputs", [])},
        {row["ParameterKey"]: row.get("ParameterValue", "") for row in stack.get("Parameters", [])},
        stack["StackName"],
    )


def _variable(output: str) -> str:
    """Returns the variable of an output: SCRIP_WALLETS_TABLE of WalletsTable.

    That of a secret's name ends in ID, that of the bus's in BUS.
    """
    words = "".join(f"_{one}" if one.isupper() else one.upper() for one in output)
    return f"SCRIP{words}".replace("_SECRET_ARN", "_SECRET_ID").replace("_BUS_NAME", "_BUS")
