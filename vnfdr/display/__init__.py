"""How people see runs while they go on, and windows when they are over."""

from vnfdr.display.progress import Progress
from vnfdr.display.timeline import Timeline

__all__ = ["Progress", "Timeline"]
