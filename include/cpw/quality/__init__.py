"""The gates' rules, their results, and the rows that they refuse."""
