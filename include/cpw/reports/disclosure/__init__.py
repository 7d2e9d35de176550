"""Disclosure control: what the public edition withholds to protect small numbers of people."""
