"""What the story's people send about charts and notes."""

from __future__ import annotations

CHARTING = """
fragment Charting on Chart {
  id state version template { name } templateBody groupNotes attestation viewerCanEdit viewerCanLock lastChangedBy
  clientEntries { client { id name } clientNotes version lastChangedBy }
  notes { id client { name } body locked }
  warnings { id kind message client { name } }
  run { kind state total done }
}
"""
CHART = CHARTING + "query Chart($id: ID!) { chart(id: $id) { ...Charting } }"
CHART_CHANGES = CHARTING + "subscription Writing($id: ID!) { chartChanges(chartId: $id) { ...Charting } }"
CREATE_TEMPLATE = """
mutation CreateTemplate($input: CreateChartTemplateInput!) {
  createChartTemplate(input: $input) {
    __typename
    ... on CreateChartTemplatePayload { template { id kind body } }
    ... on Problem { message }
  }
}
"""
STYLES = "query Styles($id: ID!) { appointment(id: $id) { viewerCanChart chartTemplates { id name kind } } }"
TEMPLATES = "{ viewer { practice { chartTemplates { id kind } } } }"
START = (
    CHARTING
    + """
mutation Start($input: StartChartInput!) {
  startChart(input: $input) {
    __typename
    ... on StartChartPayload { chart { ...Charting } }
    ... on TemplateNotAllowedForGroup { template { kind } }
    ... on Problem { message }
  }
}
"""
)
SAVE = (
    CHARTING
    + """
mutation Save($input: SaveChartInput!) {
  saveChart(input: $input) {
    __typename
    ... on SaveChartPayload { chart { ...Charting } }
    ... on VersionConflict { current { ... on ChartEntry { clientNotes } } }
    ... on ChartLocked { locked: chart { state } }
    ... on InvalidInput { fields { path message } }
    ... on Problem { message }
  }
}
"""
)
COMPLETE = """
mutation Complete($input: CompleteChartInput!) {
  completeChart(input: $input) {
    __typename
    ... on CompleteChartPayload { run { id kind } }
    ... on AttendanceNotSet { attendances { client { name } } }
    ... on Problem { message }
  }
}
"""
REOPEN = """
mutation Reopen($input: ReopenChartInput!) {
  reopenChart(input: $input) {
    __typename
    ... on ReopenChartPayload { chart { state notes { id } warnings { id } } }
    ... on Problem { message }
  }
}
"""
LOCK = """
mutation Lock($input: LockChartInput!) {
  lockChart(input: $input) {
    __typename
    ... on LockChartPayload { run { id kind } }
    ... on WarningsNotAcknowledged { warnings { id } }
    ... on ChartNotReviewed { chart { state } }
    ... on Problem { message }
  }
}
"""
PROGRESS = """
subscription Progress($id: ID!) {
  chartRunProgress(runId: $id) { kind state total done failed steps { client { name } state } }
}
"""
LOCKED = """
fragment Locked on ChartNote {
  id client { name } body locked lockedAt verified contentHash
  signatures { signedAs attestation signedBy { name } }
  addenda { body authoredAs }
}
"""
NOTES = LOCKED + "query Notes($id: ID!) { chart(id: $id) { state notes { ...Locked } } }"
NOTE = LOCKED + "query Note($id: ID!) { node(id: $id) { ...Locked } }"
RECORD = (
    LOCKED
    + """
query OwnRecord {
  viewer { client { chartNotes { edges { node { ...Locked appointment { title } } } } } }
}
"""
)
ADD_ADDENDUM = """
mutation AddAddendum($input: AddAddendumInput!) {
  addAddendum(input: $input) {
    __typename
    ... on AddAddendumPayload { addenda { body authoredAs note { client { name } } } }
    ... on Problem { message }
  }
}
"""
UNCHARTED = "{ unchartedAppointments { edges { node { id title } } } }"
