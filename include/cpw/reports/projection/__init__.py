"""The projection of children in care and care leavers over the next twelve months."""
