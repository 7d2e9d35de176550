"""A published month as reports read it: figures, topics, movement, commentary."""
