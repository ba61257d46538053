"""``python -m command_line``: the same as the command ``scrip``."""

import sys

from command_line import main

sys.exit(main())
