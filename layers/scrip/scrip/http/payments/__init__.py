"""Bodies and answers of buying and of payments.

payments        what is known of a payment
reconciliation  reports of reconciliation
refunds         refunds of payments, and quotes of them
resolutions     what a person decides of a payment
topups          orders
"""
