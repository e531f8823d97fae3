"""All recipes of arguments, by the name of the service."""

from tests.authz import recipes_cabinet, recipes_open, recipes_staff

RECIPES = {**recipes_cabinet.RECIPES, **recipes_staff.RECIPES, **recipes_open.RECIPES}
