"""Protect a group as somebody would who has the SDK and an afternoon."""

from collections.abc import Sequence

import requests
from openstack.block_storage.v3._proxy import Proxy

from tests.bench.ways import Done, Go, Job


def by_plain_script(job: Job) -> Go:
    """Do the steps one after another, with the waits that the SDK comes with."""

    def go() -> Done:
        with job.meter.around():
            for member in job.members:
                requests.post(f"{member.door}/freeze", json={}, timeout=60)
            for member in job.members:
                snapshot_one_by_one(
                    job.site.connection.block_storage, member.volume_ids
                )
            for member in reversed(job.members):
                requests.post(f"{member.door}/thaw", json={}, timeout=60)
        return Done()

    return go


def snapshot_one_by_one(storage: Proxy, volume_ids: Sequence[str]) -> None:
    """Snapshot volumes, each when the one before is available."""
    for volume_id in volume_ids:
        snapshot = storage.create_snapshot(volume_id=volume_id, is_forced=True)
        storage.wait_for_status(snapshot, "available")
