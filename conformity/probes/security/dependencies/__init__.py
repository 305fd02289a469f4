"""Which packages a system is built of, and how firmly they are fixed."""
