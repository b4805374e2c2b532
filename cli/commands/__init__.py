"""One file for each command; `cli.main.COMMANDS` lists them."""
