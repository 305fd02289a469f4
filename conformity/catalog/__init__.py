"""The law as data: rows, questions and dates read from files, and pure functions over them."""
