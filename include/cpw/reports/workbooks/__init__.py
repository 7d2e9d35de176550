"""The workbooks: one of figures for every reader, one of subjects for those who may see them."""
