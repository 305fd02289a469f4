"""What a system is built of: packages, their known vulnerabilities, and both as a bill of materials."""
