"""Pictures of balances as SVG."""
