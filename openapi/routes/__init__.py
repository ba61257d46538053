"""Every route's declaration: one ``Operation`` each, in the order of the document.

burns        burns, and quotes of them
holds        holds
grants       what brings credits in: grants, refunds as credit, transfers, compensations, redemptions
allowances   allowances
budgets      budgets
corrections  voids, other ends of lots, reversals, adjustments; freezing, unfreezing and closing
accounts     profiles of accounts
balances     balances, lots, entries, and why
finding      searches for entries
catalogue    units, packs, rate cards and promotions
keys         API keys, and short-lived ones of a customer
usage        pages of burns, settlements of leases
auto_topups  automatic top-ups
dunning      what follows a failed renewal or automatic top-up; subscriptions
topups       orders, and the webhooks that say they are paid
payments     payments, refunds of them, and decisions
reports      reports of reconciliation
invoices     credits applied to invoices, and given back
statements   statements of an account, and their public keys
periods      closes of months
exports      files that somebody takes away
audit        who changed what
notifications  of what somebody wants to hear
webhook_endpoints  where events are sent
finance      the books
deployment   the contract, the version, health
refusals     codes that go together
"""

from typing import Final

from openapi.declare import Operation
from openapi.routes import (
    accounts,
    allowances,
    audit,
    auto_topups,
    balances,
    budgets,
    burns,
    catalogue,
    corrections,
    deployment,
    dunning,
    exports,
    finance,
    finding,
    grants,
    holds,
    invoices,
    keys,
    notifications,
    payments,
    periods,
    reports,
    statements,
    topups,
    usage,
    webhook_endpoints,
)

OPERATIONS: Final[tuple[Operation, ...]] = (
    *burns.OPERATIONS,
    *holds.OPERATIONS,
    *usage.OPERATIONS,
    *grants.OPERATIONS,
    *allowances.OPERATIONS,
    *budgets.OPERATIONS,
    *corrections.OPERATIONS,
    *balances.OPERATIONS,
    *accounts.OPERATIONS,
    *finding.OPERATIONS,
    *audit.OPERATIONS,
    *notifications.OPERATIONS,
    *catalogue.OPERATIONS,
    *keys.OPERATIONS,
    *topups.OPERATIONS,
    *auto_topups.OPERATIONS,
    *dunning.OPERATIONS,
    *payments.OPERATIONS,
    *reports.OPERATIONS,
    *finance.OPERATIONS,
    *invoices.OPERATIONS,
    *statements.OPERATIONS,
    *periods.OPERATIONS,
    *exports.OPERATIONS,
    *webhook_endpoints.OPERATIONS,
    *deployment.OPERATIONS,
)
