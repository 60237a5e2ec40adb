"""``python -m xl_addin`` is the command ``xl-addin``."""

import sys

from xl_addin.cli import main

sys.exit(main())
