"""Recipes: values in, a plan out. They ask nobody and touch nothing."""

from vnfdr.recipes.inventory import Inventory, Protected
from vnfdr.recipes.protect import protect_plan, recovery_point
from vnfdr.recipes.retain import retain_plan

__all__ = ["Inventory", "Protected", "protect_plan", "recovery_point", "retain_plan"]
