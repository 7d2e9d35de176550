"""The reports people read: a static site, the panel's paper and workbooks, of any published month.

The public edition is what ``reports/<authority>/<YYYY-MM>/`` holds; ``restricted/`` in it, which
only its owner can enter, is the panel's edition with every number, and the child-level workbook.
"""
