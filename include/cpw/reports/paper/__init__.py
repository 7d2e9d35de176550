"""The panel's paper, as PDF."""
