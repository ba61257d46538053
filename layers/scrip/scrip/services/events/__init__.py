"""Events out: what somebody may want to hear of goes onto the bus, once or more, with an id that is the same for ever.

    balances the teller of alerts: what becomes of available credits
    budgets  the teller of budgets
    bus      publishes events
    entries  which events entries are
    orders   what becomes of orders and payments
    run_outs forecasts of run-outs: which wallets are to be looked at, and the hourly look
    runaways the teller of wallets that spend too fast
    tellers  all events that follow from entries, and the step of the stream's reader that publishes them
    history  the entries of a time that is over, in pieces, so that they can be told again

Nobody publishes from a request: what was refused or rolled back must never have been told. What an event says is
``scrip.http.events``'; the functions hand it to what is here.
"""
