"""Know classes whose objects run a text of their state as code, and the text that their library writes.

Source:
    SciPy, scipy/stats/_distn_infrastructure.py, ``rv_generic.__setstate__``: what stands under
    ``_parse_arg_template`` in the state of a distribution is given to ``exec``. The text that SciPy itself
    puts there is ``parse_arg_template`` in the same file.
"""

from __future__ import annotations

import re

TEMPLATE = "_parse_arg_template"
"""Under which key the text stands."""

_BASES = frozenset(["rv_continuous", "rv_discrete", "rv_generic", "rv_histogram", "rv_sample"])
_NAMES = r"(?:[A-Za-z_]\w*, )*"
_LOCATION = r"(?:loc=0(?:, scale=1)?|)"
_VALUES = r"(?:loc(?:, scale)?|loc, 1)"
_AS_WRITTEN = re.compile(
    rf"\s*def _parse_args\(self, {_NAMES} ?{_LOCATION}\):\n"
    rf"    return \({_NAMES}\), {_VALUES}\n\s*"
    rf"def _parse_args_rvs\(self, {_NAMES} ?{_LOCATION}, size=None\):\n"
    rf"    return self\._argcheck_rvs\({_NAMES} ?{_VALUES}, size=size\)\n\s*"
    rf"def _parse_args_stats\(self, {_NAMES} ?{_LOCATION}, moments='mv'\):\n"
    rf"    return \({_NAMES}\), {_VALUES}, moments\s*",
    re.ASCII,
)


def runs_its_state(module: str, name: str) -> bool:
    """Tell whether a name is that of a class whose objects run a text of their state as code."""
    return module.startswith("scipy.stats") and (name.endswith("_gen") or name in _BASES)


def is_plain_state(state: object) -> bool:
    """Tell whether the state of such an object is known in full and holds the text that SciPy writes.

    Args:
        state: as the machine of symbols made it; a dictionary with the key None was forgotten.
    """
    if type(state) is not dict or None in state:
        return False
    text = state.get(TEMPLATE)
    return type(text) is str and _AS_WRITTEN.fullmatch(text) is not None
