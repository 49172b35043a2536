"""Sphinx, told to fail on anything doubtful."""

import enum

from docutils.nodes import Element
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

project = "vnfdr"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "vnfdr"
default_role = "py:obj"
nitpicky = True
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

# The inventories of other projects are on the network; a build needs none of it.
nitpick_ignore_regex = [
    ("py:.*", r"(attr|collections|datetime|enum|os|pathlib)\..*"),
    ("py:.*", r"(_queue|_thread|threading)\..*"),
    ("py:.*", r"vnfdr\..*\.[A-Z]"),  # a type variable
]


def find_by_last_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: Element
) -> Element | None:
    """Resolve names as the code has them: short, or by the module that defines them.

    Each thing is documented once, at the door where users meet it. Of several that
    have the same name, the one on the same page is meant.
    """
    if node.get("refdomain") != "py":
        return None
    known = env.domains.python_domain.objects
    objects = {name: entry for name, entry in known.items() if not entry.aliased}
    last = node["reftarget"].rpartition(".")[2]
    found = [name for name in objects if name.rpartition(".")[2] == last]
    here = [name for name in found if objects[name].docname == node["refdoc"]]
    name = _only(found) or _only(here)
    if name is None:
        return None
    entry = objects[name]
    return make_refnode(
        app.builder, node["refdoc"], entry.docname, entry.node_id, content, name
    )


def _only(names: list[str]) -> str | None:
    return names[0] if len(names) == 1 else None


def leave_as_written(
    _app: Sphinx,
    what: str,
    name: str,
    _thing: object,
    _options: object,
    lines: list[str],
) -> None:
    """Keep Napoleon from reading types into prose, and the drawn tree in its shape."""
    if what in {"attribute", "data", "property"}:
        lines[:0] = ["..", ""]
    if name == "vnfdr.errors":
        lines[:] = ["::", "", *(f"   {line}" for line in lines)]


def leave_out_signature(
    _app: Sphinx, what: str, _name: str, thing: object, *_more: object
) -> tuple[str, str] | None:
    """Show no arguments where nobody calls the class."""
    uncalled = isinstance(thing, enum.EnumType) or is_protocol(thing)
    return ("", "") if what == "class" and uncalled else None


def is_protocol(thing: object) -> bool:
    """Tell a protocol from the classes that keep it."""
    return bool(getattr(thing, "_is_protocol", False))


def setup(app: Sphinx) -> None:
    """Hook into Sphinx."""
    app.connect("missing-reference", find_by_last_name)
    app.connect("autodoc-process-signature", leave_out_signature)
    # Before Napoleon, which comes at 500.
    app.connect("autodoc-process-docstring", leave_as_written, priority=400)
