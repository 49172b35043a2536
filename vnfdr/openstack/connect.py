"""From a name in clouds.yaml to a site that one can talk to."""

import copy
import logging
import os
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

import yaml
from keystoneauth1.exceptions import ClientException
from keystoneauth1.identity.generic.base import BaseGenericPlugin
from keystoneauth1.session import Session, TCPKeepAliveAdapter
from openstack.config import OpenStackConfig, loader
from openstack.connection import Connection
from openstack.exceptions import SDKException
from openstack.proxy import Proxy
from requests.utils import NETRC_FILES

from vnfdr.errors import CloudError, UnknownCloud
from vnfdr.openstack.api import CINDER_VERSION, NOVA_VERSION, Api
from vnfdr.openstack.backups import CinderBackups
from vnfdr.openstack.neutron import Neutron
from vnfdr.openstack.ports import NeutronPorts
from vnfdr.openstack.servers import NovaServers
from vnfdr.openstack.site import CONNECTIONS_MAX, OpenStackSite
from vnfdr.openstack.snapshots import CinderSnapshots
from vnfdr.openstack.translation import repeatable
from vnfdr.openstack.volumes import CinderVolumes

FROM_ENVIRONMENT = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NETRC")
REQUEST_SECONDS_MAX = 60.0
"""How long one request may take where clouds.yaml sets no ``api_timeout``."""


def connect(cloud: str) -> OpenStackSite:
    """Sign in to a cloud of clouds.yaml.

    Raises:
        UnknownCloud: there is no such cloud, or its credentials open nothing.
    """
    config = _config()
    if cloud not in _clouds(config):
        raise UnknownCloud(_no_such(cloud, config))
    settings = _settings(config, cloud)
    connection = _connection(config, cloud)
    try:
        with repeatable(f"sign in to cloud {cloud!r}"):
            _refuse_what_is_no_keystone(connection.session)
            connection.session.get_token()
            # Proxies are made on first use, without a lock: not by two threads.
            cinder = Api(_only_once(connection.block_storage), CINDER_VERSION)
            nova = Api(_only_once(connection.compute), NOVA_VERSION)
    except CloudError as error:
        raise UnknownCloud(str(error)) from error
    except OSError as error:  # A certificate file that is not there.
        raise _wrong(cloud, error) from error
    return OpenStackSite(
        name=cloud,
        settings=settings,
        servers=NovaServers(nova, Neutron(connection)),
        volumes=CinderVolumes(cinder),
        snapshots=CinderSnapshots(cinder),
        backups=CinderBackups(cinder),
        ports=NeutronPorts(connection),
        cinder=cinder,
        connection=connection,
    )


def _config() -> OpenStackConfig:
    reader = logging.getLogger("openstack.config")
    reader.addFilter(_quoting_nothing)
    try:
        return OpenStackConfig(app_name="vnfdr", app_version=_version())
    except (SDKException, TypeError) as error:
        raise UnknownCloud(f"clouds.yaml cannot be read: {error}") from error
    finally:
        reader.removeFilter(_quoting_nothing)


def _quoting_nothing(record: logging.LogRecord) -> bool:
    """Let a warning say where a file is no YAML, and not quote passwords from there."""
    if isinstance(record.args, tuple):
        record.args = tuple(map(_place_of, record.args))
    return True


def _place_of(told: object) -> object:
    if isinstance(told, yaml.MarkedYAMLError) and told.problem_mark:
        return f"line {told.problem_mark.line + 1} is no YAML"
    return told


def _version() -> str:
    try:
        return version("vnfdr")
    except PackageNotFoundError:
        return "0"


def _clouds(config: OpenStackConfig) -> Mapping[str, Mapping[str, object]]:
    """Return the clouds there are; without a file, openstacksdk makes one up."""
    clouds: Mapping[str, Mapping[str, object]] = config.cloud_config["clouds"]
    if config.config_filename is None:
        return {name: entry for name, entry in clouds.items() if name != "defaults"}
    return clouds


def _no_such(cloud: str, config: OpenStackConfig) -> str:
    there_are = ", ".join(sorted(_clouds(config))) or "none"
    if config.config_filename is not None:
        looked = f"looked in {config.config_filename}"
    else:
        usual = (path for path in loader.CONFIG_FILES if path.endswith(".yaml"))
        wanted = dict.fromkeys((os.environ.get("OS_CLIENT_CONFIG_FILE", ""), *usual))
        looked = f"none of these could be read: {', '.join(filter(None, wanted))}"
    return f"no cloud is named {cloud!r}; there are: {there_are} ({looked})"


def _settings(config: OpenStackConfig, cloud: str) -> Mapping[str, object]:
    """Return the ``vnfdr`` section as it was written.

    openstacksdk's own view of it has dashes and numbers turned into something else.
    """
    section = _clouds(config)[cloud].get("vnfdr") or {}
    if not isinstance(section, dict):
        raise UnknownCloud(
            f"the vnfdr section of cloud {cloud!r} must be a mapping, not"
            f" {type(section).__name__}"
        )
    return copy.deepcopy(section)


def _connection(config: OpenStackConfig, cloud: str) -> Connection:
    try:
        region = config.get_one(cloud)
        session = region.get_session()
    except (SDKException, ClientException, TypeError, ValueError) as error:
        raise _wrong(cloud, error) from error
    for setting in _with_credentials(region.config):
        raise UnknownCloud(
            f"cloud {cloud!r} has a user or a password in the URL {setting}, which"
            " errors and logs would repeat: put them in 'auth'"
        )
    if _lacks_password(region.config):
        raise UnknownCloud(
            f"cloud {cloud!r} has no password, in clouds.yaml or in secure.yaml"
        )
    if session.timeout is None:
        session.timeout = REQUEST_SECONDS_MAX
    if not _environment_matters():
        # Or it would be searched again with each request, at a fifth of its cost.
        session.session.trust_env = False
    wide = TCPKeepAliveAdapter(pool_maxsize=CONNECTIONS_MAX)
    session.mount("http://", wide)
    session.mount("https://", wide)
    return Connection(config=region)


def _environment_matters() -> bool:
    """Tell whether there is anything for requests to find around this process."""
    named = any(name in os.environ for name in FROM_ENVIRONMENT)
    netrc = any(Path("~", name).expanduser().exists() for name in NETRC_FILES)
    return named or netrc or bool(getproxies())


def _wrong(cloud: str, error: Exception) -> UnknownCloud:
    return UnknownCloud(f"cloud {cloud!r} is set up wrongly: {error}")


def _with_credentials(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the URLs that have somebody's credentials in them."""
    for name, value in {**entry, **entry.get("auth", {})}.items():
        is_url = name.endswith(("auth_url", "endpoint", "endpoint_override"))
        if is_url and isinstance(value, str) and "@" in urlsplit(value).netloc:
            yield name


def _lacks_password(entry: Mapping[str, Any]) -> bool:
    """Tell of what keystoneauth would complain about with a bare `Exception`."""
    return entry["auth_type"] == "password" and not entry["auth"].get("password")


def _refuse_what_is_no_keystone(session: Session) -> None:
    """Ask as a stranger first, since keystoneauth waits for itself after a 401.

    It would look for the versions of Keystone while it holds a lock, and take the
    same lock again to answer with a token.
    """
    auth = session.auth
    if not isinstance(auth, BaseGenericPlugin):
        return
    response = session.get(auth.auth_url, authenticated=False, raise_exc=False)
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        raise UnknownCloud(f"{auth.auth_url} is not a Keystone: it wants a token first")


def _only_once(proxy: Proxy) -> Proxy:
    """Return a proxy that makes each request once, whatever clouds.yaml says.

    keystoneauth takes a read timeout for a connection that failed, and would send a
    POST again that may have been heard.
    """
    endpoint = proxy.get_endpoint()
    if endpoint is not None and proxy.endpoint_override is None:
        # Or it would be looked up in the catalog again with each request. It is taken
        # for a template, in which a percent sign is written twice.
        proxy.endpoint_override = endpoint.replace("%", "%%")
    proxy.connect_retries = 0
    proxy.status_code_retries = 0
    return proxy
