"""All recipes of arguments, by the name of the service."""

from tests.authz import (
    recipes_address,
    recipes_cabinet,
    recipes_equipment,
    recipes_factors,
    recipes_open,
    recipes_payments,
    recipes_people,
    recipes_staff,
)

RECIPES = {
    **recipes_address.RECIPES,
    **recipes_cabinet.RECIPES,
    **recipes_equipment.RECIPES,
    **recipes_payments.RECIPES,
    **recipes_people.RECIPES,
    **recipes_factors.RECIPES,
    **recipes_open.RECIPES,
    **recipes_staff.RECIPES,
}
