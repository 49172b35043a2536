"""How people see runs and sweeps while they go on, and windows when they are over."""

from vnfdr.display.progress import Progress
from vnfdr.display.sweeping import SweepProgress
from vnfdr.display.timeline import Timeline

__all__ = ["Progress", "SweepProgress", "Timeline"]
