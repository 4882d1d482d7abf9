"""What the columns are: the role of every column in words, and the dialog that changes them."""
