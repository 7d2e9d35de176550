"""The reports of a published month: a static site, the panel's paper and workbooks.

The folder ``reports/<authority>/<YYYY-MM>/`` contains the public edition. Two folders within it are
readable by their owner alone: ``restricted/`` has the panel's edition with every number, and
``child-level/`` has the work-list and the subjects behind the figures.
"""
