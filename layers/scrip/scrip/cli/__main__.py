"""``python -m scrip.cli``: the same as the command ``scrip``."""

import sys

from scrip.cli import main

sys.exit(main())
