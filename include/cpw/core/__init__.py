"""The base of all other packages: errors, months, partitions, paths, files, the audit."""
