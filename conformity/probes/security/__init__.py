"""What can be turned against a system: files that run code, prompts that take over."""
