"""From files as they were delivered to typed rows."""
