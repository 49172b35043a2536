"""Give a restored volume back what Cinder's restore leaves out, or gets wrong.

Every request says how something is to be, and may be made again.
"""

from collections.abc import Mapping
from contextlib import suppress

from vnfdr.errors import Gone
from vnfdr.model import VolumeBlueprint
from vnfdr.openstack.api import Api, Json, at


def repair(
    api: Api, seen: Json, like: VolumeBlueprint, metadata: Mapping[str, str]
) -> None:
    """Make a volume look like the one that it is the restored one of.

    Args:
        api: Cinder.
        seen: what Cinder shows of it.
        like: what it is to look like.
        metadata: what its metadata is to hold beside that of ``like``.
    """
    path, of = at("volumes", seen["id"]), f"of volume {seen['id']!r}"
    _image_metadata(api, seen, like.image_metadata)
    if seen["bootable"] != str(like.bootable).lower():
        flag = {"os-set_bootable": {"bootable": like.bootable}}
        api.post(f"{path}/action", f"set the bootable flag {of}", flag)
    names = {"name": like.name, "description": like.description}
    api.put(path, f"set the name {of}", {"volume": names})
    # Last, since it takes away what tells a volume that is yet to be repaired.
    whole = {"metadata": {**like.metadata, **metadata}}
    api.put(f"{path}/metadata", f"set the metadata {of}", whole)


def _image_metadata(api: Api, seen: Json, wanted: Mapping[str, str]) -> None:
    path = f"{at('volumes', seen['id'])}/action"
    what = f"set the image properties of volume {seen['id']!r}"
    there: Mapping[str, str] = seen.get("volume_image_metadata") or {}
    news = {key: value for key, value in wanted.items() if there.get(key) != value}
    if news:
        api.post(path, what, {"os-set_image_metadata": {"metadata": news}})
    for key in sorted(there.keys() - wanted.keys()):
        # It is gone already where the first answer was lost.
        with suppress(Gone):
            api.post(path, what, {"os-unset_image_metadata": {"key": key}})
