"""`python -m thermod` is the command `thermod`."""

from thermod.cli import main

main()
