"""Nova, as far as holding a server's guest still goes."""
