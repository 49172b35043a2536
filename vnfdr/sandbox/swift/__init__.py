"""Swift, as far as keeping objects in containers goes."""
