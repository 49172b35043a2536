"""Cinder, as far as taking and bringing back a recovery point goes."""
