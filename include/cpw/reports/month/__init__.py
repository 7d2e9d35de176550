"""A published month as reports see it: figures, topics, movement, commentary."""
