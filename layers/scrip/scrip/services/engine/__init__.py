"""The one way to read and to change a wallet.

attempts   how often one change is attempted, and how long it pauses in between
cache      what a warm function remembers: wallets, units, rate cards
contexts   what a request is decided on: a wallet, its unit, rate cards; remembered or read
decisions  one decision on one version of a wallet
executor   the loop of all changes: decide, commit, again where somebody was faster
paging     pages of lists that read on
reads      reads of one version of a wallet, as if all that is due were booked
requests   who asks for what, under which key; commands, and how one is executed
sweeps     the loop of all work that a schedule wakes
walks      walks through the wallets that may have something due, several at a time
"""
