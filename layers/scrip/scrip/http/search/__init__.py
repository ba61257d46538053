"""What a search across accounts asks for, and its answer.

searches    entries by reference, payment, order, idempotency key or lot
"""
