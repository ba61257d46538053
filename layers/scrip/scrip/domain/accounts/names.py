"""Names that people read, of customers and of API keys, and that change nothing of what stands beside them."""

from __future__ import annotations

import unicodedata
from typing import Final

NO_NAME: Final = "must have letters to be read, and no control character, line break or mark of direction"


def check_name(text: str) -> str:
    """Returns the text if a person can read it as a name.

    Raises:
        ValueError: nothing in it is to be seen, or something in it changes how what follows is shown.
    """
    kinds = {unicodedata.category(character) for character in text}
    hidden = any(0x202A <= ord(one) <= 0x202E or 0x2066 <= ord(one) <= 0x2069 for one in text)
    if hidden or kinds & {"Cc", "Zl", "Zp", "Cs"} or not kinds - {"Zs", "Cf", "Mn", "Me", "Cn", "Co"}:
        raise ValueError(NO_NAME)
    return text
