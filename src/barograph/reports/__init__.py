"""What people and scripts read, as plain documents built from published data; how they look is elsewhere."""
