"""How much a project may have of each thing, unless it is told otherwise."""

UNLIMITED = -1

QUOTAS = {
    "volumes": 1000,
    "snapshots": 1000,
    "gigabytes": 100_000,
    "backups": 1000,
    "backup_gigabytes": 100_000,
    "per_volume_gigabytes": UNLIMITED,
    "groups": 10,
}
