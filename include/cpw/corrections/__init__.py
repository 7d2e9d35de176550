"""The rows to correct in the source, and the release of rows that are right."""
