"""Recipes: values in, a plan out. They ask nobody and touch nothing."""

from vnfdr.recipes.inventory import Captured, Inventory, Protected
from vnfdr.recipes.protect import protect_plan
from vnfdr.recipes.retain import retain_plan
from vnfdr.recipes.saved import recovery_point

__all__ = [
    "Captured",
    "Inventory",
    "Protected",
    "protect_plan",
    "recovery_point",
    "retain_plan",
]
