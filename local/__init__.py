"""The local AWS: what ``make run`` and the stack tests start around the real template. Never deployed."""
