"""The practices that a cluster is ready for production by, and which of them findings say are met. Pure."""

from checks.readiness.assess import Assessed, State, assess
from checks.readiness.practices import PRACTICES, Practice, checks_of

__all__ = ["PRACTICES", "Assessed", "Practice", "State", "assess", "checks_of"]
