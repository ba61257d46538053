"""Whom an account is of: the one kind of data here that is personal, apart from all that is kept for ever.

countries  which countries there are: ISO 3166-1
names      what people can read as a name
profile    a customer's profile, what its members may be, and that it was erased
"""
