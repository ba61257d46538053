"""The one way to read and to change a wallet.

cache      what a warm function remembers: wallets, units, rate cards
executor   loads a wallet, applies what is due, decides, commits; again where somebody was faster
reads      reads of one version of a wallet, as if all that is due were booked
requests   who asks for a movement, under which key, and what they say of it
sweeps     the loop of all work that a schedule wakes
"""
