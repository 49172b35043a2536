"""What is captured where a cloud tells little."""

SERVER = {
    "id": "s1",
    "name": "db-1",
    "user_id": "u1",
    "image": "",
    "flavor": {
        "original_name": "m1",
        "vcpus": 1,
        "ram": 512,
        "disk": 0,
        "ephemeral": 0,
        "swap": 0,
    },
    "metadata": {},
    "key_name": "ops",
    "server_groups": ["g1"],
    "config_drive": "True",
}
VOLUMES = [
    {"volumeId": "v2", "device": "/dev/vdb"},
    {"volumeId": "v9", "device": None},
    {"volumeId": "v1", "device": "/dev/vda"},
]


def test_a_cloud_that_tells_little_is_no_failure(site, nova):
    """An old Nova, no Neutron, and a role that may see neither keys nor groups."""
    nova.refuse("GET", "/servers/s1", 406, "Version 2.90 is not supported by the API.")
    nova.get("/servers/s1", json={"server": SERVER})
    nova.refuse("GET", "/os-server-groups/g1", 403, "Policy doesn't allow it")
    nova.get("/servers/s1/os-volume_attachments", json={"volumeAttachments": VOLUMES})
    nova.refuse("GET", "/os-keypairs/ops", 403, "Policy doesn't allow it")

    blueprint = site.servers.blueprint("s1")

    assert [disk.volume_id for disk in blueprint.disks] == ["v1", "v2", "v9"]
    assert (blueprint.key_name, blueprint.public_key) == ("ops", "")
    assert (blueprint.server_group, blueprint.nics) == ("", ())
    assert (blueprint.config_drive, blueprint.flavor.extra_specs) == (True, {})


def test_the_root_disk_is_the_one_that_nova_names(site, nova):
    """A CD-ROM on another bus may come before it."""
    told = {**SERVER, "key_name": None, "server_groups": []}
    told["OS-EXT-SRV-ATTR:root_device_name"] = "/dev/vda"
    cdrom = {"volumeId": "cdrom", "device": "/dev/sda"}
    nova.get("/servers/s1", json={"server": told})
    nova.get(
        "/servers/s1/os-volume_attachments",
        json={"volumeAttachments": [cdrom, *VOLUMES]},
    )

    disks = site.servers.blueprint("s1").disks

    assert [disk.volume_id for disk in disks] == ["v1", "cdrom", "v2", "v9"]
