"""The statutory return SSDA903 as an input: read, gated and turned into the contract's tables."""
