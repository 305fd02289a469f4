"""Send a declared language model prompts that attack it, and judge its answers by rules."""
