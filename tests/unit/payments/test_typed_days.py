"""Days as employees type them about payments."""

from datetime import date

import pytest

from services.errors import InvalidField
from services.payments import typed_days


@pytest.mark.parametrize('typed', ['31.12.2026', ' 31.12.2026 ', '2026-12-31'])
def test_a_day_is_read_in_both_ways(typed):
    assert typed_days.read_day('on', typed) == date(2026, 12, 31)


@pytest.mark.parametrize('typed', ['', '31.12', '31.02.2026', '01.01.0001', '9999-12-31', '2026-12-31T00:00', None, 5])
def test_what_is_no_day_of_our_time_is_refused(typed):
    with pytest.raises(InvalidField):
        typed_days.read_day('on', typed)
