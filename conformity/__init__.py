"""Write EU AI Act conformity assessments from measured evidence.

The data flows one way: manifest -> plan -> measure -> evidence -> judge -> assessment -> render.
Importing this package does no work; the stages meet only in :mod:`conformity.pipeline`. From Python,
``conformity.assess`` takes a manifest, a data file or a data frame, and ``conformity.track_energy`` tells the
energy of a piece of a program.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from conformity.entry.notebook import Report, assess
    from conformity.entry.track import track_energy

__version__ = "0.1.0"

__all__ = ["Report", "__version__", "assess", "track_energy"]


def __getattr__(name: str) -> Any:
    """Import the Python entry when it is first asked for: starting must stay quick."""
    if name in ("assess", "Report"):
        from conformity.entry import notebook

        return getattr(notebook, name)
    if name == "track_energy":
        from conformity.entry import track

        return track.track_energy
    raise AttributeError(f"module 'conformity' has no attribute {name!r}")
