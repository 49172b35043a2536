"""Patience has names, not numbers. The only module that imports tenacity.

Only idempotent calls get a policy: looking and deleting do, creating does not.
Every wait has a bound, on the monotonic clock.
"""

import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from tenacity import (
    RetryError,
    Retrying,
    retry,
    retry_if_exception_type,
    retry_if_result,
    stop_after_delay,
    wait_exponential,
    wait_random_exponential,
)

from vnfdr.errors import AnswerLost, Retryable, WaitedTooLong

HICCUP_SECONDS_MAX = 30.0

P = ParamSpec("P")
T = TypeVar("T")


def through_hiccups(call: Callable[P, T]) -> Callable[P, T]:
    """Repeat an idempotent call while the API is briefly unwell."""
    return retry(
        retry=retry_if_exception_type((Retryable, AnswerLost)),
        wait=wait_random_exponential(multiplier=0.2, max=5),
        stop=stop_after_delay(HICCUP_SECONDS_MAX),
        reraise=True,
    )(call)


def wait_until(
    look: Callable[[], T | None],
    *,
    what: str,
    seconds_max: float,
    first_wait_seconds: float = 0.2,
    wait_seconds_max: float = 10.0,
) -> T:
    """Look again and again until ``look`` returns something.

    Raises:
        WaitedTooLong: ``what`` did not come within ``seconds_max``.
    """
    began = time.monotonic()
    earlier = [look()]
    if earlier[0] is not None:
        # What is there at once takes no patience, nor what that costs.
        return earlier[0]
    patience = Retrying(
        retry=retry_if_result(lambda seen: seen is None),
        wait=wait_exponential(
            multiplier=first_wait_seconds, exp_base=1.4, max=wait_seconds_max
        ),
        stop=stop_after_delay(began + seconds_max - time.monotonic()),
    )
    try:
        found = patience(lambda: earlier.pop() if earlier else look())
    except RetryError:
        raise WaitedTooLong(f"{what}: not within {seconds_max:g} seconds") from None
    assert found is not None, "a look that found nothing is repeated"
    return found
