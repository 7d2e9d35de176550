"""Read delivered files into typed rows."""
