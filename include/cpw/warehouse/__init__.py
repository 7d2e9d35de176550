"""The lake, the build of the marts, and their publication."""
