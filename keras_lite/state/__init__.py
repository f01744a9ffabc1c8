"""State: variables, the scopes that bind them, and nests of tensors (`tree`)."""
