import pytest
from openstack.exceptions import ForbiddenException, NotFoundException


def test_compute_hosts_are_told(a, connection, server):
    """Administrators see the hypervisors, with their servers."""
    seen = list(connection.compute.hypervisors(details=True, with_servers=True))

    assert [h.name for h in seen] == ["compute-1.site-a", "compute-2.site-a"]
    held = {h.name: [s["uuid"] for s in h.servers] for h in seen}
    assert held[server.host] == [server.id]
    assert connection.compute.get_hypervisor(seen[0].id).name == seen[0].name


def test_hosts_are_not_for_users(member):
    """Where servers run is for administrators."""
    for look in (
        lambda: list(member.compute.hypervisors()),
        lambda: list(member.compute.services()),
        lambda: list(member.compute.availability_zones(details=True)),
    ):
        with pytest.raises(ForbiddenException):
            look()


def test_a_hypervisor_that_there_is_not(connection):
    """It is not found."""
    with pytest.raises(NotFoundException, match="Hypervisor with ID 'x'"):
        connection.compute.get_hypervisor("x")


def test_processes_are_told(connection):
    """Each of Nova's processes is up."""
    seen = list(connection.compute.services(binary="nova-compute"))

    assert [service.host for service in seen] == ["compute-1", "compute-2"]
    assert {service.state for service in seen} == {"up"}


def test_zones_are_told(member, connection):
    """There is one, and its hosts are for administrators."""
    (seen,) = member.compute.availability_zones()
    (detailed,) = connection.compute.availability_zones(details=True)

    assert (seen.name, seen.hosts, set(detailed.hosts)) == (
        "nova",
        None,
        {"compute-1", "compute-2"},
    )


def test_an_administrator_sets_quotas(a, connection, server):
    """A limit that was set is told, with what is used of it."""
    connection.compute.update_quota_set(a.project_id, instances=7)

    told = connection.compute.get_quota_set(a.project_id, usage=True)

    assert (told.instances, told.usage["instances"]) == (7, 1)
    assert connection.compute.get_quota_set(a.project_id).instances == 7
    assert connection.compute.get_limits().absolute.instances == 7


def test_a_member_sets_no_quotas(a, member):
    """Quotas are set by administrators."""
    with pytest.raises(ForbiddenException):
        member.compute.update_quota_set(a.project_id, instances=7)


@pytest.mark.parametrize(
    ("policy", "apart"), [("anti-affinity", True), ("affinity", False)]
)
def test_a_server_group_places_its_servers(a, connection, boot, until, policy, apart):
    """Servers are together or apart, as their group says."""
    group = connection.compute.create_server_group(name="g", policy=policy)
    made = []
    for name in ("one", "two"):
        root = a.add_volume(name, None)
        root.bootable = True
        made.append(boot(name, [root], scheduler_hints={"group": group.id}).id)
        until(lambda: a.servers[made[-1]].vm_state == "active")

    hosts = {a.servers[server_id].host for server_id in made}

    assert len(hosts) == (2 if apart else 1)
    seen = connection.compute.get_server_group(group.id)
    assert (seen.policy, sorted(seen.member_ids)) == (policy, sorted(made))
    assert connection.compute.get_server(made[0]).server_groups == [group.id]


def test_too_many_for_a_server_group(a, connection, boot, until):
    """Where every host has one already, there is no valid host."""
    group = connection.compute.create_server_group(name="g", policy="anti-affinity")
    for name in ("one", "two", "three"):
        root = a.add_volume(name, None)
        root.bootable = True
        made = boot(name, [root], scheduler_hints={"group": group.id}).id
        until(lambda server=a.servers[made]: server.task_state is None)

    assert a.servers[made].fault.startswith("No valid host was found.")


def test_a_server_group_is_deleted(connection):
    """It is not found any more."""
    group = connection.compute.create_server_group(name="g", policy="affinity")
    assert [g.id for g in connection.compute.server_groups()] == [group.id]

    connection.compute.delete_server_group(group)

    with pytest.raises(NotFoundException, match="Instance group"):
        connection.compute.get_server_group(group.id)


def test_what_users_write_on_a_server(connection, server):
    """Name, description, metadata and tags can be changed."""
    compute = connection.compute
    compute.update_server(server.id, name="db-1", description="the first")
    compute.set_server_metadata(server.id, role="db", tier="1")
    compute.delete_server_metadata(server.id, ["tier"])
    compute.add_tag_to_server(server.id, "green")
    compute.add_tag_to_server(server.id, "blue")
    compute.remove_tag_from_server(server.id, "green")

    seen = compute.get_server(server.id)

    assert (seen.name, seen.description) == ("db-1", "the first")
    assert (seen.metadata, seen.tags) == ({"role": "db"}, ["blue"])


def test_what_is_not_on_a_server_is_not_removed(connection, raw, server, message):
    """A key or a tag that is not there is not found."""
    for path in ("metadata/x", "tags/x"):
        answer = raw(
            "DELETE", f"/servers/{server.id}/{path}", "2.26", service="compute"
        )
        assert answer.status_code == 404
