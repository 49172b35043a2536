# The configuration files of one site. Sourced by site.sh, which sets the ports.

db() { echo "mysql+pymysql://lab:$PASSWORD@127.0.0.1:$MYSQL_PORT/$1_$S?charset=utf8"; }

common() { # sections every service has
    cat <<C
[oslo_concurrency]
lock_path = $SITE/locks
[oslo_messaging_notifications]
driver = noop
[oslo_messaging_rabbit]
rabbit_transient_queues_ttl = 600
heartbeat_rate = 2
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$KEYSTONE/v3
memcached_servers = 127.0.0.1:$MEMCACHED_PORT
service_token_roles = service
service_token_roles_required = true
C
    credentials
}
credentials() { # the [keystone_authtoken]-like keys of a service user
    cat <<C
auth_url = http://127.0.0.1:$KEYSTONE/v3
auth_type = password
username = service
password = $PASSWORD
project_name = service
user_domain_name = Default
project_domain_name = Default
region_name = $REGION
C
}

configs() {
    write "$ETC/keystone/keystone.conf" <<C
[database]
connection = $(db keystone)
[token]
provider = fernet
expiration = 86400
[fernet_tokens]
key_repository = $SITE/fernet
[credential]
key_repository = $SITE/credential
[cache]
enabled = true
backend = dogpile.cache.memcached
memcache_servers = 127.0.0.1:$MEMCACHED_PORT
[oslo_messaging_notifications]
driver = noop
C
    write "$ETC/glance/glance-api.conf" <<C
[DEFAULT]
bind_host = 127.0.0.1
bind_port = $GLANCE
workers = 1
enabled_backends = files:file
enabled_import_methods = []
[glance_store]
default_backend = files
[files]
filesystem_store_datadir = $SITE/images
[database]
connection = $(db glance)
[paste_deploy]
flavor = keystone
config_file = $VENV/etc/glance/glance-api-paste.ini
[os_glance_staging_store]
filesystem_store_datadir = $SITE/images/staging
[os_glance_tasks_store]
filesystem_store_datadir = $SITE/images/tasks
$(common)
C
    write "$ETC/placement/placement.conf" <<C
[placement_database]
connection = $(db placement)
[api]
auth_strategy = keystone
[keystone_authtoken]
www_authenticate_uri = http://127.0.0.1:$KEYSTONE/v3
memcached_servers = 127.0.0.1:$MEMCACHED_PORT
$(credentials)
C
    write "$ETC/nova/nova.conf" <<C
[DEFAULT]
transport_url = $MQ
graceful_shutdown_timeout = 3
my_ip = 127.0.0.1
host = compute-$S
state_path = $SITE/nova
instances_path = $SITE/instances
compute_driver = libvirt.LibvirtDriver
# so that a domain's name tells its site
instance_name_template = $S-%08x
vif_plugging_is_fatal = false
vif_plugging_timeout = 0
heal_instance_info_cache_interval = -1
sync_power_state_interval = -1
resume_guests_state_on_host_boot = true
reserved_host_memory_mb = 512
ram_allocation_ratio = 2.0
cpu_allocation_ratio = 32.0
disk_allocation_ratio = 100.0
metadata_workers = 1
block_device_allocate_retries = 120
block_device_allocate_retries_interval = 1
[wsgi]
api_paste_config = $ETC/nova/api-paste.ini
[api_database]
connection = $(db nova_api)
[database]
connection = $(db nova)
[quota]
instances = -1
cores = -1
ram = -1
server_groups = -1
server_group_members = -1
[conductor]
workers = 1
[scheduler]
workers = 1
[libvirt]
virt_type = qemu
connection_uri = $LIBVIRT
cpu_mode = none
hw_machine_type = x86_64=pc
inject_partition = -2
[vnc]
enabled = false
[spice]
enabled = false
[workarounds]
skip_cpu_compare_at_startup = true
# the guest's boot sector is extlinux and no partition table: Nova would call it unsafe
disable_deep_image_inspection = true
[glance]
$(credentials)
[cinder]
os_region_name = $REGION
catalog_info = volumev3::publicURL
$(credentials)
[placement]
$(credentials)
[neutron]
$(credentials)
[service_user]
send_service_user_token = true
$(credentials)
[nova_sys_admin]
helper_command = $VENV/bin/privsep-helper --config-file $ETC/nova/nova.conf
[privsep_osbrick]
helper_command = $VENV/bin/privsep-helper --config-file $ETC/nova/nova.conf
$(common)
C
    write "$ETC/neutron/neutron.conf" <<C
[DEFAULT]
transport_url = $MQ
graceful_shutdown_timeout = 3
rpc_response_timeout = 15
bind_host = 127.0.0.1
bind_port = $NEUTRON
state_path = $SITE/neutron
core_plugin = ml2
service_plugins =
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
api_paste_config = $VENV/etc/neutron/api-paste.ini
rpc_workers = 1
rpc_state_report_workers = 1
[database]
connection = $(db neutron)
$(common)
C
    write "$ETC/neutron/ml2.ini" <<C
[ml2]
# one hypervisor for each site: a network is a VLAN tag in its integration bridge
type_drivers = local
tenant_network_types = local
mechanism_drivers = openvswitch
extension_drivers = port_security
C
    write "$ETC/neutron/agents.ini" <<C
[DEFAULT]
host = compute-$S
interface_driver = openvswitch
enable_isolated_metadata = false
[ovs]
integration_bridge = br-$S
datapath_type = netdev
of_listen_address = 127.0.0.1
of_listen_port = ${P}6633
local_ip = 127.0.0.1
[agent]
tunnel_types =
[securitygroup]
enable_security_group = false
firewall_driver = noop
C
    cp "$VENV"/etc/cinder/resource_filters.json "$ETC/cinder/"
    cp "$VENV"/etc/nova/api-paste.ini "$ETC/nova/"   # the WSGI app wants it next to nova.conf
    write "$ETC/cinder/cinder.conf" <<C
[DEFAULT]
transport_url = $MQ
graceful_shutdown_timeout = 3
my_ip = 127.0.0.1
host = cinder-$S
state_path = $SITE/cinder
image_conversion_dir = $SITE/cinder/conversion
api_paste_config = $VENV/etc/cinder/api-paste.ini
rootwrap_config = $VENV/etc/cinder/rootwrap.conf
resource_query_filters_file = $ETC/cinder/resource_filters.json
auth_strategy = keystone
glance_api_servers = http://127.0.0.1:$GLANCE
enabled_backends = rbd
default_volume_type = rbd
osapi_volume_workers = 1
backup_driver = cinder.backup.drivers.posix.PosixBackupDriver
backup_posix_path = $BACKUPS
backup_workers = 1
backup_file_size = 33554432
backup_sha_block_size_bytes = 32768
backup_compression_algorithm = zstd
[rbd]
volume_driver = cinder.volume.drivers.rbd.RBDDriver
volume_backend_name = rbd
rbd_pool = volumes-$S
rbd_ceph_conf = $CEPH_CONF
rbd_cluster_name = ceph
rbd_flatten_volume_from_snapshot = false
report_discard_supported = true
[database]
connection = $(db cinder)
[nova]
$(credentials)
[service_user]
send_service_user_token = true
$(credentials)
[privsep_osbrick]
helper_command = $VENV/bin/privsep-helper --config-file $ETC/cinder/cinder.conf
[cinder_sys_admin]
helper_command = $VENV/bin/privsep-helper --config-file $ETC/cinder/cinder.conf
$(common)
C
    write "$ETC/radosgw/ceph.conf" <<C
$(cat "$CEPH_CONF")
[client.rgw.$S]
log_file = $LOG/radosgw-$S.log
# its own default is secure alone, which takes keys
ms_mon_client_mode = crc
rgw_realm = $S
rgw_zonegroup = $S
rgw_zone = $S
rgw_frontends = beast endpoint=127.0.0.1:$OBJECTS
rgw_enable_apis = swift
rgw_swift_account_in_url = true
# a project's containers are its own, by whatever names
rgw_keystone_implicit_tenants = true
rgw_keystone_url = http://127.0.0.1:$KEYSTONE
rgw_keystone_api_version = 3
rgw_keystone_admin_user = service
rgw_keystone_admin_password = $PASSWORD
rgw_keystone_admin_project = service
rgw_keystone_admin_domain = Default
rgw_keystone_accepted_roles = admin, member
rgw_thread_pool_size = 16
rgw_enable_lc_threads = false
rgw_run_sync_thread = false
rgw_dynamic_resharding = false
C
}

cloud() { # NAME SITE PORT USER: one entry of clouds.yaml; user and project have one name
    cat <<C
  $1:
    region_name: site-$2
    identity_api_version: 3
    auth:
      auth_url: http://127.0.0.1:$3/v3
      username: $4
      password: $PASSWORD
      project_name: $4
      user_domain_name: Default
      project_domain_name: Default
    vnfdr:
      libvirt:
        uri: $(libvirt_uri "$2")
C
}
clouds_yaml() {
    write "$STATE/clouds.yaml" <<C
clouds:
$(cloud site-a a 15000 admin)
$(cloud site-a-demo a 15000 demo)
$(cloud site-b b 25000 admin)
C
}
