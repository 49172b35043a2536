"""Recipes: values in, a plan out. They ask nobody and touch nothing."""

from vnfdr.recipes.coming import Coming
from vnfdr.recipes.inventory import Captured, Inventory, Protected
from vnfdr.recipes.protect import protect_plan
from vnfdr.recipes.recover import (
    clone_plan,
    not_cloneable,
    recover_plan,
    rehearse_plan,
)
from vnfdr.recipes.retain import retain_plan
from vnfdr.recipes.saved import recovery_point

__all__ = [
    "Captured",
    "Coming",
    "Inventory",
    "Protected",
    "clone_plan",
    "not_cloneable",
    "protect_plan",
    "recover_plan",
    "recovery_point",
    "rehearse_plan",
    "retain_plan",
]
