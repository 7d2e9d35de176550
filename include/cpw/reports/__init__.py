"""The reports people read: a static site, the panel's paper and workbooks, of any published month.

The public edition is what ``reports/<authority>/<YYYY-MM>/`` holds. Only their owner can enter the
folders in it: ``restricted/``, the panel's edition with every number, and ``child-level/``, the
work-list and the subjects behind the figures.
"""
