"""Every bound of the domain, each with its reason."""

from typing import Final

LARGEST_TOTAL: Final = 10**27
"""Most credit steps in one wallet: numbers downstream (DynamoDB, warehouses) hold 38 digits, and sums of
many wallets must still fit."""

WINDOW_LOTS: Final = 16
"""Lots kept inside the wallet item, so that a burn reads and writes one item."""

WINDOW_BYTES: Final = 704
"""Packed bytes of the window, less the bytes of the account and unit ids: what 1 KB (one write unit,
two in a transaction) leaves after the wallet's other attributes at their longest."""

WINDOW_LOW: Final = 8
"""The window is filled again when it holds this many lots or fewer, in half its bytes, and pages follow: so a
refill happens at most once per eight lots used up, and never for next to nothing."""

REFILL_PAGES: Final = 2
"""Pages a refill may take from: the first may be nearly empty, and the second then has eight lots at least."""

PAGE_LOTS: Final = 20
PAGE_BYTES: Final = 840
"""Lots and packed bytes (less the bytes of the ids) of one page: an item under 1 KB costs two write
units in a transaction whatever is done to it."""

SPLIT_LOTS: Final = 5
"""Lots that a page has, as a rule, at least which was split off from a larger one: a quarter of what fits, since long
numbers and ids leave less room."""

BLOCK_SEQS: Final = 20
"""Exhausted lots are stored in blocks of this many sequence numbers, so that a burn that empties hundreds of
neighbouring lots touches few items."""

PAGES_PER_COMMIT: Final = 40
"""Most pages one decision reads and changes (about 800 lots)."""

COMMIT_ITEMS: Final = 100
"""Most items of one DynamoDB transaction."""

COMMIT_SLACK: Final = 6
"""Items a decision leaves free for its own entry, a refill and what is committed beside the wallet."""

LIST_ITEMS: Final = 2
"""Items that a wallet's first commit puts into lists: one for its account, one for the wallet."""

BOOKING_ITEMS: Final = 70
"""Items that booking what is due may fill before it is committed on its own, ahead of the caller's."""

DUE_BATCH: Final = 40
"""Due items read at a time for a write."""

DUE_BATCH_READ: Final = 1_000_000
"""Due items read for a read: all that are due. It books nothing and so has no transaction to fit into."""

LISTED_BLOCKS: Final = 56
"""Blocks of exhausted lots that a page of a list reads at most: enough for the thousand lots that it may show."""

BESIDE_BLOCKS: Final = 24
"""Up to so many blocks of exhausted lots (less than 24 KB, six read units) are listed in burn order with the open
ones."""

BESIDE_DUES: Final = 200
"""Due items that a page of a list looks at for pending lots: 20 KB at most, five read units."""

LISTED_ENTRIES: Final = 1_000
"""Entries that one page of a list reads or passes over at most: bounds its time and its cost whatever is looked for."""

LISTED_HOLDS: Final = 1_000
"""Holds that one page of a list with a status looks at."""

BESIDE_HOLDS: Final = 100
"""Due items that a page of open holds reads beside theirs: those of pages, pending lots and allowances."""

TERMS: Final = 100
"""Different terms (scope, rollover) among the lots of one wallet: they lie in one item."""

SCOPE_METERS: Final = 20
"""Meters that one lot may be bound to."""

HOLD_DRAWS: Final = 16
"""Lots that a hold's own record lists, in under 1 KB. The draws of a hold over more are written once, beside it: so a
capture writes as little of a hold over hundreds of lots as of one over one."""

HOLD_MS: Final = 7 * 24 * 3_600_000
"""The longest a hold may set credits aside from now on: a hold is for one job, not for a budget."""

MISSED_PERIODS: Final = 400
"""Periods before now that a new allowance catches up with: a year of days, in as many commits as one request makes."""

TRANSFER_LOTS: Final = 16
"""Lots that one transfer moves: each becomes an entry, a lot and a note in the other wallet, in one transaction."""

BATCH_BURNS: Final = 90
"""Burns of one batch: their entries leave ten items of the transaction for the wallet and what lies beside it."""

PAGE_RECORDS: Final = 1_000
"""Records of one page or settlement."""

PAGE_ROW_BYTES: Final = 300 * 1024
"""Deflated records of one entry: an item holds 400 KB, and the stream shows it whole to every reader."""

PAGE_METERS: Final = 20
"""Different meters of one page: each may touch a carry of its own, as the items of one burn do."""

RECORD_REFERENCE: Final = 64
"""Characters of a record's reference."""

LEASE_LOTS: Final = 40
"""Lots of a lease that one settlement spends from: it may fill the lease from as many others in the same commit."""

USAGE_WINDOW_MS: Final = 34 * 24 * 3_600_000
"""The longest that an event of usage may come after its time: the versions of a rate card that price it are kept for 35
days, and one of these is left for what waits in a queue."""
RUNAWAY_MS: Final = 31 * 86_400_000
"""The longest while of a breaker, in milliseconds: a window that ends longer ago fits into four bytes, or is over."""

LEASE_GRACE_MS: Final = 3_600_000
"""The longest that a lease may be held after its deadline."""

BUDGETS: Final = 20
"""Budgets of one wallet: they lie in one item."""

BUDGETS_OF_A_BURN: Final = 8
"""Budgets that one burn may count in: its entry names each, and they are looked at one after the other."""

LAST_SEQ: Final = 10**12 - 1
"""The largest sequence a place in the timeline can write."""

SKEW_MS: Final = 5_000
"""A wallet whose last instant lies further ahead of this machine's clock is a broken clock somewhere: an alarm."""

MAX_PRIORITY: Final = 100
DEFAULT_PRIORITY: Final = 50

METADATA_MEMBERS: Final = 50
METADATA_KEY: Final = 40
METADATA_VALUE: Final = 500
"""Bounds of metadata: those payment providers use, so that theirs can be passed through."""

TAGS: Final = 10
TAG_VALUE: Final = 100
"""Tags of one use of credits, and characters of each value: usage is counted by each of them."""

MAX_INSTANT: Final = 253_402_300_799_999
"""9999-12-31T23:59:59.999Z in milliseconds: the last instant RFC 3339 can write."""

MIN_INSTANT: Final = -62_135_596_800_000
"""0001-01-01T00:00:00.000Z in milliseconds: the first instant that the standard library can write."""
