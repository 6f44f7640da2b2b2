"""Small inline SVG marks and the colours they share: pure functions from numbers to strings."""
