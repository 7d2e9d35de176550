"""The contract of extracts and returns: tables, columns, code sets, and how cells are cast."""
