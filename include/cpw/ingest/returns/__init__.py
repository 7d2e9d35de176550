"""The statutory return SSDA903 as an input: read it, and convert it to the contract's tables."""
