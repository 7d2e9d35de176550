"""Base values and plain facilities: errors, months, partitions, paths, files, the audit."""
