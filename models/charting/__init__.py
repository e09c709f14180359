"""Charts: what is written about a session, and what becomes of it in each client's record."""

from models.charting.charts import Chart, ChartEntry, ChartState, ChartTemplate, ChartTemplateKind
from models.charting.emergency import EmergencyAccess
from models.charting.notes import Addendum, ChartNote, ChartWarning, Signature
from models.charting.runs import ChartRun, ChartRunStep

__all__ = [
    "Addendum",
    "Chart",
    "ChartEntry",
    "ChartNote",
    "ChartRun",
    "ChartRunStep",
    "ChartState",
    "ChartTemplate",
    "ChartTemplateKind",
    "ChartWarning",
    "EmergencyAccess",
    "Signature",
]
