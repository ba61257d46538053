"""Orders, payments and refunds, from the order to the comparison with the provider's own lists.

accounts          whose deliveries a provider's are, where no setting says so
auto_charges      automatic top-ups, looked at: what is charged, and what became of it
auto_topup_wakes  the step of the stream's reader that has them looked at
auto_topups       automatic top-ups as callers set them, and as they are stored
charges           amounts that a provider can charge and give back
consequences      what follows from a payment beside the ledger
deliveries        verified webhooks, kept and passed on
dunning           runs of dunning, as failures begin them and payments end them, and their schedule
graces            grace, granted once for each failure
known_names       names by which a payment is known, however they are spelled
listings          orders and payments, as they are listed
lookups           questions to a provider about one payment
orders            orders and their checkout sessions
payment           payments, read from the table
payment_methods   payment methods that buyers let us keep
posting           what a payment's facts book in a wallet
prompts           the prompts that runs of dunning make
queries           what is known of payments, and quotes of refunds
reconciliation    the run that compares a provider's lists with what is stored, and its reports
refund_requests   refunds that a caller asked for, as they are stored
refunds           refunds that we start
resolutions       what a person decides of a payment
retries           parked payments, tried again
subscriptions     what is kept of subscriptions; cancelled and resumed at their providers
"""
