"""What payments are and come to. Pure; knows no provider and no table.

facts        what is known of one payment, and how facts merge
identities   who somebody is, as far as a promotion must know
order        what a buyer asks for and agrees to
pack         what is sold, and what it gives and costs
promotion    what is given away, to whom and until when
quotes       what a refund that is not asked for yet would come to
sale_terms   the terms that a buyer agrees to, in words
target       the credits and the money that a payment's facts call for
"""
