"""``python -m openapi``: writes docs/openapi.json."""

from openapi.document import FILE, text

FILE.write_text(text(), encoding="utf-8")
