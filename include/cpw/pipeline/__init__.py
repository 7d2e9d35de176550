"""The stages of a month, in order, and the gates among them."""
