"""The balance of one entitlement: lots, the burn-down, attribution and forecast."""
