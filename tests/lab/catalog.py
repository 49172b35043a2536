"""Service user, services and endpoints of one site (idempotent).

Run in the services' environment: catalog.py CLOUD PASSWORD TYPE=URL...
"""

import sys

import openstack

NAMES = {
    "image": "glance",
    "placement": "placement",
    "compute": "nova",
    "network": "neutron",
    "block-storage": "cinder",
    "object-store": "swift",
}


def service_user(cloud: openstack.connection.Connection, password: str) -> None:
    """Make the one user that all services are."""
    identity = cloud.identity
    project = identity.find_project("service") or identity.create_project(
        name="service", domain_id="default"
    )
    user = identity.find_user("service") or identity.create_user(
        name="service",
        password=password,
        domain_id="default",
        default_project_id=project.id,
    )
    roles = {role.name: role.id for role in identity.roles()}
    # Cinder deletes attachments only for a user with the role "service".
    for name in ("admin", "service"):
        identity.assign_project_role_to_user(project.id, user.id, roles[name])


def endpoints(cloud: openstack.connection.Connection, kind: str, url: str) -> None:
    """Make one service with its endpoints."""
    identity = cloud.identity
    found = next((s for s in identity.services() if s.type == kind), None)
    service = found or identity.create_service(type=kind, name=NAMES[kind])
    for interface in ("public", "internal", "admin"):
        if list(identity.endpoints(service_id=service.id, interface=interface)):
            continue
        identity.create_endpoint(
            service_id=service.id,
            interface=interface,
            url=url,
            region_id=cloud.config.region_name,
        )


if __name__ == "__main__":
    name, secret, *pairs = sys.argv[1:]
    site = openstack.connect(cloud=name)
    service_user(site, secret)
    for pair in pairs:
        endpoints(site, *pair.split("=", 1))
