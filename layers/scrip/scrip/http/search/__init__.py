"""What a search across accounts asks for, and its answer.

overages    what is to be billed of a month
searches    entries by reference, payment, order, idempotency key or lot
"""
