"""What was used of a wallet's credits: by hour, and for what. Pure, standard library only.

uses       what one entry used, and what one gave back
rollups    sums of an hour: by meter, member, tag and dimension; and what is packed of them together
forecasts  what will be left of lots at their ends, if credits are used as they were
"""
