"""The workbooks: figures for everybody, subjects for those who may see them."""
