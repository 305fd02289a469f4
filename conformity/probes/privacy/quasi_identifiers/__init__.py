"""Which columns tell rows apart, alone and in pairs."""
