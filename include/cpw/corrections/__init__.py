"""What is to be corrected in the source, and rows somebody answers for."""
