"""Neutron, as far as giving servers their networks goes."""
