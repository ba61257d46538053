"""What payments are and come to. Pure; knows no provider and no table.

auto_topup       an automatic top-up, and what follows from what happens to it
comparison       one payment as its provider has it against what is posted here
delivery         what one webhook or one answer of a provider says, and what is asked of it
dunning          what follows a renewal or an automatic top-up that failed: its prompts, its grace, its end
facts            what is known of one payment, and how facts merge
identities       who somebody is, as far as a promotion must know: kinds and keyed hashes
mailbox          which mailbox an e-mail address is of
order            what a buyer asks for and agrees to
pack             what is sold, and what it gives and costs
parking          why a payment waits for a person, in one sentence
payment          what is stored of one payment
payment_method   a payment method that a buyer let us keep, by its provider's names
promotion        what is given away, to whom and until when
promotion_shares how its bounds are divided among those who redeem it at once
quotes           what a refund that is not asked for yet would come to
reconciliation   what was found of a day, and how far a pass over the days has come
refund_request   a refund that a caller asked for, as far as it has come
sale_terms       the terms that a buyer agrees to, in words
subscription     how a subscription stands, and which of its renewals failed
target           the credits and the money that a payment's facts call for
"""
