"""What the makers of the samples share: fetching, publishing whole folders, command line."""
