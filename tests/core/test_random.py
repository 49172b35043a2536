"""Random faults: whatever goes wrong, the promises hold."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.core.judge import end
from tests.core.story import told
from tests.core.strategies import scripts_with
from vnfdr.model import Strategy

whatever = settings(
    max_examples=170,
    deadline=None,  # Other things run on this machine.
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("strategy", Strategy)
@whatever
@given(data=st.data())
def test_whatever_goes_wrong_no_promise_is_broken(strategy, data):
    """Nothing is frozen, left behind unnamed, or certified without being so."""
    with told(data.draw(scripts_with(strategy))) as story:
        assert list(end(story)) == []
