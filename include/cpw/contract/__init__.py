"""What extracts and returns hold: tables, columns, code sets, and how a cell is cast."""
