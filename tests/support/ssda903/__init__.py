"""SSDA903 returns for the tests, and a second, plain computation of their figures."""
