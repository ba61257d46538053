"""What events say: the data of each type, and how it is made of a fact.

    catalogue          every type that there is, with its data and when it is told
    balances           what becomes of available credits
    budgets            what is spent of budgets
    drift              wallets whose ledger does not add up
    entries            entries of a ledger
    lots               lots that are to end
    orders             orders and payments
    webhook_endpoints  events of webhook endpoints
    run_outs           the forecast run-out of a wallet
    runaways           a wallet that spends too fast
    usage_rejections   events of usage that could not be burned
    tellers            whatever is told of entries, of a deployment
    prompts            prompts to top up
    auto_topups        what happens to automatic top-ups

When a fact is told is not decided here.
"""
