"""Compare the two sources of a month: its monthly extracts, and the statutory return.

Who is in care and who counts in each indicator, in each source; and why the two differ, child by
child. Both are built in a folder of their own: nothing that stands for the month changes.
"""
