"""What the edges share; no feature knowledge."""
