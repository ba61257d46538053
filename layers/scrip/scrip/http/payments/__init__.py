"""Bodies and answers of buying and of payments.

auto_topups     automatic top-ups
deliveries      the answer to a provider's webhook
dunning         the schedule of dunning, and its runs
payments        what is known of a payment
reconciliation  reports of reconciliation
refunds         refunds of payments, and quotes of them
resolutions     what a person decides of a payment
subscriptions   what renews
topups          orders
"""
