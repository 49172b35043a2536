"""The promises of `vnfdr.cloud`, kept for a real OpenStack.

The only package that imports openstacksdk, cinderclient, keystoneauth or requests.
It translates and waits; it decides nothing.
"""

from vnfdr.openstack.connect import connect
from vnfdr.openstack.site import OpenStackSite

__all__ = ["OpenStackSite", "connect"]
