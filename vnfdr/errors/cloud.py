"""What OpenStack refused, and what became of what it was asked for."""

from vnfdr.errors.root import VnfdrError


class CloudError(VnfdrError):
    """OpenStack refused, failed, or did not answer.

    Attributes:
        status: the HTTP status, 0 when there was no answer.
        request_id: what the operator of the cloud finds the request by, or "".
    """

    def __init__(self, message: str, *, status: int = 0, request_id: str = "") -> None:
        self.status = status
        self.request_id = request_id
        super().__init__(f"{message} [{request_id}]" if request_id else message)


class Retryable(CloudError):
    """The service is briefly unwell, and did nothing."""


class Conflict(CloudError):
    """Something is in a state that does not allow this."""


class QuotaExceeded(CloudError):
    """The project may not have more of this; waiting does not help."""


class Forbidden(CloudError):
    """These credentials may not do this."""


class Unsupported(CloudError):
    """This cloud does not offer that."""


class Gone(CloudError):
    """It does not exist, or does not exist any more."""


class AnswerLost(CloudError):
    """A request was sent and its answer never came: it may have been done."""


class WaitedTooLong(CloudError):
    """It was accepted, and was not finished in the time allowed."""
