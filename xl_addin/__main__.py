"""``python -m xl_addin`` is the command ``xl-addin``."""

from xl_addin.start import program

program()
