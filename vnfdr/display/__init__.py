"""How people see runs while they go on."""

from vnfdr.display.progress import Progress

__all__ = ["Progress"]
