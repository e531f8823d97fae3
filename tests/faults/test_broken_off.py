"""The full form of tests/unit/test_broken_off.py: every changing service on PostgreSQL, cut after every statement."""

import pytest

from tests.authz.breaking import stage_of  # noqa: F401 - a fixture
from tests.unit.test_broken_off import CHANGING, cut_everywhere

QUICK = {'accounts.tariff_changes.execute'}
NAMES = [pytest.param(name, marks=[] if name in QUICK else pytest.mark.full) for name in CHANGING]


@pytest.mark.parametrize('name', NAMES)
def test_a_call_that_is_cut_off_leaves_nothing_on_postgres(stage_of, name):  # noqa: F811
    cut_everywhere(stage_of('postgres'), CHANGING[name], at_reads=True)
