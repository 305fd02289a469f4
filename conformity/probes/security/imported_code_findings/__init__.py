"""What static analysis found in the provider's code, in SARIF."""
