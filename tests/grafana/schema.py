"""What Grafana's published schema says against a dashboard: one finding a line, nothing if it holds.

Reads the dashboard from standard input. The schema is the classes that Grafana generates from its own definitions, the
package grafana-foundation-sdk: of the dashboard, of the options of each kind of panel, and of Prometheus' queries. They
leave out the fields that they do not know, and take a value of any type; here both are findings.
"""

import enum
import json
import sys
import types
import typing

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.cog.runtime import panelcfg_config
from grafana_foundation_sdk.models.dashboard import Dashboard

SCALARS = (str, int, float, bool, type(None))


def unknown(given, kept, at):
    """The fields that are not there any more once the classes have read them."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for name, value in given.items():
            if name not in kept:
                yield f"{at}.{name}: not a field of Grafana's schema"
            else:
                yield from unknown(value, kept[name], f"{at}.{name}")
    elif isinstance(given, list) and isinstance(kept, list):
        for index, (value, same) in enumerate(zip(given, kept)):
            yield from unknown(value, same, f"{at}[{index}]")
    elif given != kept:
        yield f"{at}: {given!r} is read as {kept!r}"


def unfit(value, hint, at):
    """The values that are not of the types that the classes declare."""
    if not fits(value, hint):
        yield f"{at}: {value!r} is not {hint}"
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unfit(item, object, f"{at}[{index}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from unfit(item, object, f"{at}.{name}")
    elif not isinstance(value, (*SCALARS, enum.Enum)):
        for name, declared in typing.get_type_hints(type(value)).items():
            yield from unfit(getattr(value, name), declared, f"{at}.{name}")


def fits(value, hint):
    arguments = typing.get_args(hint)
    match typing.get_origin(hint):
        case typing.Union | types.UnionType:
            return any(fits(value, each) for each in arguments)
        case typing.Literal:
            return value in arguments
        case kind if kind is list:
            return isinstance(value, list) and all(fits(item, arguments[0]) for item in value)
        case kind if kind is dict:
            return isinstance(value, dict) and all(fits(item, arguments[1]) for item in value.values())
    return is_one_of(value, hint)


def is_one_of(value, kind):
    if kind in (object, typing.Any):
        return True
    if isinstance(value, bool) and kind in (int, float):
        return False
    if isinstance(value, dict) and hasattr(kind, "from_json"):
        # The classes leave some objects in lists unread.
        return not list(unknown(value, as_json(kind.from_json(value)), ""))
    if kind is float:
        return isinstance(value, (int, float))
    if issubclass(kind, enum.Enum):
        return value in [each.value for each in kind] or isinstance(value, kind)
    return isinstance(value, kind)


def unknown_kinds(given):
    """The panels of kinds that Grafana does not have. The classes would take any options for these."""
    for index, panel in enumerate(given["panels"]):
        if panel["type"] != "row" and panelcfg_config(panel["type"]) is None:
            yield f"dashboard.panels[{index}].type: {panel['type']!r} is not a kind of panel"


def as_json(read):
    return json.loads(json.dumps(read, cls=JSONEncoder))


def main():
    register_default_plugins()
    given = json.load(sys.stdin)
    read = Dashboard.from_json(given)
    print(*unknown_kinds(given), *unknown(given, as_json(read), "dashboard"), *unfit(read, Dashboard, "dashboard"), sep="\n")


if __name__ == "__main__":
    main()
