"""Every route's declaration, in the order of the document."""

from typing import Final

from openapi.declare import Operation
from openapi.routes import buying, catalogue, correcting, granting, paying, reports, spending, wallets

OPERATIONS: Final[tuple[Operation, ...]] = (
    *spending.OPERATIONS,
    *granting.OPERATIONS,
    *correcting.OPERATIONS,
    *wallets.OPERATIONS,
    *catalogue.OPERATIONS,
    *buying.OPERATIONS,
    *paying.OPERATIONS,
    *reports.OPERATIONS,
)
