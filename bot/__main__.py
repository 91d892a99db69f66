"""`python -m bot` is the command `unsent`."""

from bot.cli import main

main()
