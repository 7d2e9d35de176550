"""``cpw``: the command line."""
