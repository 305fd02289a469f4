"""Plan and evidence in, findings out: pure functions without clock, chance or files."""

from conformity.judge.findings import judge
from conformity.judge.gate import gate
from conformity.judge.verdicts import STANDING, worst

__all__ = ["STANDING", "gate", "judge", "worst"]
