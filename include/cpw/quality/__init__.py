"""Rules, what became of them, and what is refused."""
