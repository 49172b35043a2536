"""Find what runs left behind at a site, and delete what nobody wants any more."""

from vnfdr.sweeping.found import Fate, Found, Sweep

__all__ = ["Fate", "Found", "Sweep"]
