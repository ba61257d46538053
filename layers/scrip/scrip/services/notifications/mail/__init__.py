"""Mail to customers: what they are told of by e-mail, in their language, and how they end it.

Off until the deployment has an address to send from. The address that is written to is read from the profile when it is
needed and kept nowhere else. What each language says is a file of ``words``, beside the frames that are filled with
it.

    composition  what a letter says: words, numbers and dates of the reader's language
    letters      one event, one letter, sent once
    post         hands a letter to Amazon SES
"""
