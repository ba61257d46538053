"""Who changed what that is no wallet: the catalogue, keys, decisions about payments.

changes  what a change was, as it is written with it, and the list of all
"""
