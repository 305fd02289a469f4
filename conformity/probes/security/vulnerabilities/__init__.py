"""Which known vulnerabilities the packages of a system have."""
