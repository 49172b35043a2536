"""Glance, as far as bringing images to a site goes."""
