"""The one table: who sees which rows, what of them, and who may do what.

The scene: the cast of `tests/world.py`, and besides Chidi, a provider with whom Monday's group is shared; Emil, a
client of Björn's who was a member of that group; and Dora's own sign-in. Eve is the owner of another practice.

Sessions of Monday's group: one is over, on Amara's calendar, its notes locked, with an addendum to Ada's; one is to
come, on Chidi's (`Shared`). Thursday's is over, its chart in review. Alone: Ada with Amara, in draft; Ben with Chidi,
where the assembling of his note failed; Dora with Björn, called off. Ada paid for both of her sessions at once, and for
her own once more; Dora paid ahead.

In emergencies the manager opened Ada's notes and the owner Dora's; Chloe's were open to the owner, and are so no more.
The log of audit begins when all of that was done: who is named first in an entry has read those who are named after.
"""

from __future__ import annotations

PEOPLE = ("owner", "manager", "amara", "chidi", "bjorn", "scheduler", "carol", "ada", "dora", "eve")

KINDS = {
    "owner": "office",
    "manager": "office",
    "amara": "provider",
    "chidi": "provider",
    "bjorn": "provider",
    "scheduler": "scheduler",
    "carol": "biller",
    "ada": "client",
    "dora": "client",
    "eve": "office",
}

# Which rows are seen: + yes, - no, busy only that the time is taken. Every row of these tables in the practice stands
# here.
_ROWS = """
                            owner manager amara chidi bjorn scheduler carol ada dora eve
practice                    +     +       +     +     +     +         +     +   +    -
provider Amara              +     +       +     +     +     +         +     +   -    -
provider Chidi              +     +       +     +     +     +         +     +   -    -
provider Björn              +     +       +     +     +     +         +     -   +    -
code 90853                  +     +       +     +     +     +         +     +   +    -
code 90837                  +     +       +     +     +     +         +     +   -    -
code LATE_CANCEL            +     +       +     +     +     +         +     -   -    -
code NO_SHOW                +     +       +     +     +     +         +     -   -    -
client Ada                  +     +       +     +     -     +         +     +   -    -
client Ben                  +     +       +     +     -     +         +     -   -    -
client Chloe                +     +       +     +     -     +         +     -   -    -
client Emil                 +     +       +     +     +     +         +     -   -    -
client Dora                 +     +       -     -     +     +         +     -   +    -
group Monday                +     +       +     +     -     +         +     +   -    -
group Thursday              +     +       -     -     +     +         +     -   +    -
member Monday/Ada           +     +       +     +     -     +         -     +   -    -
member Monday/Ben           +     +       +     +     -     +         -     -   -    -
member Monday/Chloe         +     +       +     +     -     +         -     -   -    -
member Monday/Emil          +     +       +     +     -     +         -     -   -    -
member Thursday/Dora        +     +       -     -     +     +         -     -   +    -
session Monday              +     +       +     +     busy  +         +     +   -    -
session Shared              +     +       +     +     busy  +         +     +   -    -
session Thursday            +     +       busy  busy  +     +         +     -   +    -
session Ada                 +     +       +     busy  busy  +         +     +   -    -
session Ben                 +     +       busy  +     busy  +         +     -   -    -
session Dora                +     +       busy  busy  +     +         +     -   +    -
line Monday/Ada             +     +       +     +     -     +         +     +   -    -
line Monday/Ben             +     +       +     +     -     +         +     -   -    -
line Monday/Chloe           +     +       +     +     -     +         +     -   -    -
line Shared/Ada             +     +       +     +     -     +         +     +   -    -
line Shared/Ben             +     +       +     +     -     +         +     -   -    -
line Shared/Chloe           +     +       +     +     -     +         +     -   -    -
line Thursday/Dora          +     +       -     -     +     +         +     -   +    -
line Ada/Ada                +     +       +     -     -     +         +     +   -    -
line Ben/Ben                +     +       -     +     -     +         +     -   -    -
line Dora/Dora              +     +       -     -     +     +         +     -   +    -
payment Both                +     +       +     +     -     +         +     +   -    -
payment Own                 +     +       +     -     -     +         +     +   -    -
payment Dora                +     +       -     -     +     +         +     -   +    -
part Both/Monday            +     +       +     +     -     +         +     +   -    -
part Both/Ada               +     +       +     +     -     +         +     +   -    -
part Own/Ada                +     +       +     -     -     +         +     +   -    -
template Custom             +     +       +     +     +     -         -     -   -    -
template HIPAA              +     +       +     +     +     -         -     -   -    -
template SOAP               +     +       +     +     +     -         -     -   -    -
chart Monday                -     -       +     +     -     -         -     -   -    -
chart Thursday              -     -       -     -     +     -         -     -   -    -
chart Ada                   -     -       +     -     -     -         -     -   -    -
chart Ben                   -     -       -     +     -     -         -     -   -    -
entry Monday/Ada            -     -       +     +     -     -         -     -   -    -
entry Monday/Ben            -     -       +     +     -     -         -     -   -    -
entry Monday/Chloe          -     -       +     +     -     -         -     -   -    -
entry Thursday/Dora         -     -       -     -     +     -         -     -   -    -
entry Ada/Ada               -     -       +     -     -     -         -     -   -    -
entry Ben/Ben               -     -       -     +     -     -         -     -   -    -
warning Thursday/Dora       -     -       -     -     +     -         -     -   -    -
run Monday/complete         -     -       +     +     -     -         -     -   -    -
run Monday/lock             -     -       +     +     -     -         -     -   -    -
run Thursday/complete       -     -       -     -     +     -         -     -   -    -
run Ben/complete            -     -       -     +     -     -         -     -   -    -
step Monday/complete/Ada    -     -       +     +     -     -         -     -   -    -
step Monday/complete/Chloe  -     -       +     +     -     -         -     -   -    -
step Monday/lock/Ada        -     -       +     +     -     -         -     -   -    -
step Monday/lock/Chloe      -     -       +     +     -     -         -     -   -    -
step Thursday/complete/Dora -     -       -     -     +     -         -     -   -    -
step Ben/complete/Ben       -     -       -     +     -     -         -     -   -    -
note Monday/Ada             -     +       +     +     -     -         -     +   -    -
note Monday/Chloe           -     -       +     +     -     -         -     -   -    -
note Thursday/Dora          +     -       -     -     +     -         -     -   -    -
signature Monday/Ada        -     +       +     +     -     -         -     +   -    -
signature Monday/Chloe      -     -       +     +     -     -         -     -   -    -
addendum Monday/Ada         -     +       +     +     -     -         -     +   -    -
emergency Manager/Ada       +     +       +     +     -     -         -     +   -    -
emergency Owner/Dora        +     +       -     -     +     -         -     -   +    -
emergency Owner/Chloe       +     +       +     +     -     -         -     -   -    -
log amara/Ada               +     +       +     -     -     -         -     +   -    -
log bjorn/Dora              +     +       -     -     +     -         -     -   +    -
log chidi/Ben               +     +       -     +     -     -         -     -   -    -
log carol/Ada/Dora          +     +       -     -     -     -         -     +   +    -
log ada/Ada                 +     +       -     -     -     -         -     +   -    -
log scheduler/Chloe         +     +       -     -     -     -         -     -   -    -
"""

# What is seen of a row that is seen. full: what is stored. seen: the one or those that the table above shows.
# initials: those instead of the name. zero: that number. yes and no: what is said of the viewer. own: only of oneself.
# none and null: nothing. theirs: what is stored where they did it themselves, else nothing. busy: that word. drafted
# and reviewed: yes while the chart is. Of sessions that were not called off, moves: yes where there is no chart, or a
# draft; marks: there, and in review; charts: yes, and also where there is a chart. counts: over the lines that the
# table above shows. options: the dropdown, where marks is yes. The column busy is of sessions of which only that is
# seen.
_FIELDS = """
                                   office  provider scheduler biller   client   busy
Practice.id                        full    full     full      full     full     -
Practice.name                      full    full     full      full     full     -
Practice.timeZone                  full    full     full      full     full     -
Practice.currency                  full    full     full      full     full     -
Practice.groupSizeLimit            full    full     full      full     full     -
Practice.providers                 seen    seen     seen      seen     seen     -
Practice.serviceCodes              seen    seen     seen      seen     none     -
Practice.chartTemplates            seen    seen     none      none     none     -
Provider.id                        full    full     full      full     full     -
Provider.name                      full    full     full      full     full     -
Provider.credentials               full    full     full      full     full     -
Provider.active                    full    full     full      full     full     -
Provider.viewerCanSchedule         yes     yes      yes       no       no       -
ServiceCode.id                     full    full     full      full     full     -
ServiceCode.code                   full    full     full      full     full     -
ServiceCode.label                  full    full     full      full     full     -
ServiceCode.kind                   full    full     full      full     full     -
ServiceCode.fee                    full    full     full      full     full     -
ServiceCode.durationMinutes        full    full     full      full     full     -
ServiceCode.active                 full    full     full      full     full     -
Client.id                          full    full     full      full     full     -
Client.firstName                   full    full     full      full     full     -
Client.lastName                    full    full     full      full     full     -
Client.preferredName               full    full     full      full     full     -
Client.name                        full    full     full      full     full     -
Client.initials                    full    full     full      full     full     -
Client.dateOfBirth                 full    full     full      full     full     -
Client.email                       full    full     full      full     full     -
Client.phone                       full    full     full      full     full     -
Client.active                      full    full     full      full     full     -
Client.version                     full    full     full      full     full     -
Client.providers                   seen    seen     seen      seen     seen     -
Client.groups                      seen    seen     seen      none     seen     -
Client.memberships                 seen    seen     seen      none     seen     -
Client.balance                     full    full     full      full     full     -
Client.appointments                seen    seen     seen      seen     seen     -
Client.attendances                 seen    seen     seen      seen     seen     -
Client.chartNotes                  seen    seen     none      none     seen     -
Client.payments                    seen    seen     seen      seen     seen     -
Group.id                           full    full     full      full     full     -
Group.name                         full    full     full      initials initials -
Group.initials                     full    full     full      full     full     -
Group.defaultServiceCode           seen    seen     seen      seen     seen     -
Group.provider                     seen    seen     seen      seen     seen     -
Group.providers                    seen    seen     seen      seen     seen     -
Group.members                      seen    seen     seen      none     seen     -
Group.appointments                 seen    seen     seen      seen     seen     -
Group.archivedAt                   full    full     full      full     full     -
Group.viewerCanEdit                yes     yes      yes       no       no       -
Group.version                      full    full     full      zero     zero     -
GroupMembership.id                 full    full     full      -        full     -
GroupMembership.group              seen    seen     seen      -        seen     -
GroupMembership.client             seen    seen     seen      -        seen     -
GroupMembership.joinedAt           full    full     full      -        full     -
GroupMembership.leftAt             full    full     full      -        full     -
Appointment.id                     full    full     full      full     full     full
Appointment.kind                   full    full     full      full     full     null
Appointment.status                 full    full     full      full     full     full
Appointment.title                  full    full     full      initials initials busy
Appointment.shortTitle             full    full     full      full     full     busy
Appointment.busyOnly               no      no       no        no       no       yes
Appointment.provider               seen    seen     seen      seen     seen     seen
Appointment.group                  seen    seen     seen      seen     seen     null
Appointment.startsAt               full    full     full      full     full     full
Appointment.endsAt                 full    full     full      full     full     full
Appointment.attendances            seen    seen     seen      seen     seen     none
Appointment.attendanceSummary      counts  counts   counts    counts   counts   null
Appointment.attendanceOptions      options options  options   null     null     null
Appointment.chartTemplates         null    seen     null      null     null     null
Appointment.chart                  null    seen     null      null     null     null
Appointment.canceledAt             full    full     full      full     full     full
Appointment.cancelReason           full    full     full      full     null     null
Appointment.viewerCanReschedule    moves   moves    moves     no       no       no
Appointment.viewerCanSetAttendance marks   marks    marks     no       no       no
Appointment.viewerCanTakePayment   yes     yes      yes       yes      no       no
Appointment.viewerCanChart         no      charts   no        no       no       no
Appointment.version                full    full     full      full     full     full
Attendance.id                      full    full     full      full     full     -
Attendance.appointment             seen    seen     seen      seen     seen     -
Attendance.client                  seen    seen     seen      seen     seen     -
Attendance.confirmation            full    full     full      full     full     -
Attendance.outcome                 full    full     full      full     full     -
Attendance.attended                full    full     full      full     full     -
Attendance.serviceCode             seen    seen     seen      seen     seen     -
Attendance.fee                     full    full     full      full     full     -
Attendance.allocations             seen    seen     seen      seen     seen     -
Attendance.paid                    full    full     full      full     full     -
Attendance.balance                 full    full     full      full     full     -
Attendance.chartNote               seen    seen     null      null     seen     -
Attendance.lastChangedBy           full    full     full      full     null     -
Attendance.version                 full    full     full      full     full     -
Payment.id                         full    full     full      full     full     -
Payment.client                     seen    seen     seen      seen     seen     -
Payment.amount                     full    full     full      full     full     -
Payment.refunded                   full    full     full      full     full     -
Payment.method                     full    full     full      full     full     -
Payment.status                     full    full     full      full     full     -
Payment.reference                  full    full     full      full     full     -
Payment.receivedOn                 full    full     full      full     full     -
Payment.memo                       full    full     full      full     null     -
Payment.statementMemo              full    full     full      full     full     -
Payment.unallocated                full    full     full      full     full     -
Payment.allocations                seen    seen     seen      seen     seen     -
PaymentAllocation.id               full    full     full      full     full     -
PaymentAllocation.payment          seen    seen     seen      seen     seen     -
PaymentAllocation.attendance       seen    seen     seen      seen     seen     -
PaymentAllocation.amount           full    full     full      full     full     -
ChartTemplate.id                   full    full     -         -        -        -
ChartTemplate.name                 full    full     -         -        -        -
ChartTemplate.kind                 full    full     -         -        -        -
ChartTemplate.body                 full    full     -         -        -        -
ChartTemplate.active               full    full     -         -        -        -
ChartTemplate.version              full    full     -         -        -        -
Chart.id                           -       full     -         -        -        -
Chart.appointment                  -       seen     -         -        -        -
Chart.state                        -       full     -         -        -        -
Chart.template                     -       seen     -         -        -        -
Chart.templateBody                 -       full     -         -        -        -
Chart.groupNotes                   -       full     -         -        -        -
Chart.clientEntries                -       seen     -         -        -        -
Chart.notes                        -       seen     -         -        -        -
Chart.warnings                     -       seen     -         -        -        -
Chart.run                          -       seen     -         -        -        -
Chart.attestation                  -       full     -         -        -        -
Chart.lastChangedBy                -       full     -         -        -        -
Chart.viewerCanEdit                -       drafted  -         -        -        -
Chart.viewerCanLock                -       reviewed -         -        -        -
Chart.version                      -       full     -         -        -        -
ChartEntry.id                      -       full     -         -        -        -
ChartEntry.client                  -       seen     -         -        -        -
ChartEntry.attendance              -       seen     -         -        -        -
ChartEntry.clientNotes             -       full     -         -        -        -
ChartEntry.lastChangedBy           -       full     -         -        -        -
ChartEntry.version                 -       full     -         -        -        -
ChartWarning.id                    -       full     -         -        -        -
ChartWarning.kind                  -       full     -         -        -        -
ChartWarning.message               -       full     -         -        -        -
ChartWarning.client                -       seen     -         -        -        -
ChartRun.id                        -       full     -         -        -        -
ChartRun.chart                     -       seen     -         -        -        -
ChartRun.kind                      -       full     -         -        -        -
ChartRun.state                     -       full     -         -        -        -
ChartRun.total                     -       full     -         -        -        -
ChartRun.done                      -       full     -         -        -        -
ChartRun.failed                    -       full     -         -        -        -
ChartRun.steps                     -       seen     -         -        -        -
ChartRun.startedAt                 -       full     -         -        -        -
ChartRun.finishedAt                -       full     -         -        -        -
ChartRunStep.client                -       seen     -         -        -        -
ChartRunStep.state                 -       full     -         -        -        -
ChartRunStep.reason                -       full     -         -        -        -
ChartNote.id                       full    full     -         -        full     -
ChartNote.client                   seen    seen     -         -        seen     -
ChartNote.appointment              seen    seen     -         -        seen     -
ChartNote.provider                 seen    seen     -         -        seen     -
ChartNote.locked                   full    full     -         -        full     -
ChartNote.body                     full    full     -         -        full     -
ChartNote.lockedAt                 full    full     -         -        full     -
ChartNote.signatures               seen    seen     -         -        seen     -
ChartNote.contentHash              full    full     -         -        full     -
ChartNote.verified                 full    full     -         -        full     -
ChartNote.addenda                  seen    seen     -         -        seen     -
Signature.signedBy                 seen    seen     -         -        seen     -
Signature.signedAs                 full    full     -         -        full     -
Signature.signedAt                 full    full     -         -        full     -
Signature.attestation              full    full     -         -        full     -
Addendum.id                        full    full     -         -        full     -
Addendum.note                      seen    seen     -         -        seen     -
Addendum.body                      full    full     -         -        full     -
Addendum.author                    seen    seen     -         -        seen     -
Addendum.authoredAs                full    full     -         -        full     -
Addendum.createdAt                 full    full     -         -        full     -
EmergencyAccess.id                 full    full     -         -        full     -
EmergencyAccess.client             seen    seen     -         -        seen     -
EmergencyAccess.by                 full    full     -         -        full     -
EmergencyAccess.reason             full    full     -         -        full     -
EmergencyAccess.begunAt            full    full     -         -        full     -
EmergencyAccess.expiresAt          full    full     -         -        full     -
EmergencyAccess.active             full    full     -         -        full     -
AuditEntry.id                      full    full     -         -        full     -
AuditEntry.sequence                full    null     -         -        null     -
AuditEntry.recordedAt              full    full     -         -        full     -
AuditEntry.actorId                 full    full     -         -        full     -
AuditEntry.actorName               full    full     -         -        full     -
AuditEntry.roles                   full    full     -         -        full     -
AuditEntry.action                  full    full     -         -        full     -
AuditEntry.operation               full    full     -         -        full     -
AuditEntry.document                full    full     -         -        theirs   -
AuditEntry.channel                 full    full     -         -        full     -
AuditEntry.outcome                 full    full     -         -        full     -
AuditEntry.times                   full    full     -         -        theirs   -
AuditEntry.fieldsRead              full    full     -         -        full     -
AuditEntry.columnsChanged          full    full     -         -        theirs   -
AuditEntry.objectIds               full    full     -         -        theirs   -
AuditEntry.signInId                full    full     -         -        theirs   -
AuditEntry.address                 full    full     -         -        theirs   -
AuditEntry.hash                    full    full     -         -        full     -
AuditEntry.clients                 seen    seen     -         -        seen     -
Viewer.id                          own     own      own       own      own      -
Viewer.name                        own     own      own       own      own      -
Viewer.email                       own     own      own       own      own      -
Viewer.roles                       own     own      own       own      own      -
Viewer.practice                    seen    seen     seen      seen     seen     -
Viewer.provider                    none    seen     none      none     none     -
Viewer.client                      none    none     none      none     seen     -
"""

# Who may do what to which rows. no: FORBIDDEN, as they see it. -: NOT_FOUND, as they do not. Signed out it is
# UNAUTHENTICATED, and a dot is not tried: Eve may, in her own practice.
_ACTIONS = """
                                                  owner manager amara chidi bjorn scheduler carol ada dora eve
createServiceCode                                 do    do      no    no    no    no        no    no  no   .
updateServiceCode code 90837                      do    do      no    no    no    no        no    no  -    -
updateServiceCode code 90853                      do    do      no    no    no    no        no    no  no   -
createClient                                      do    do      do    do    do    do        do    no  no   .
updateClient client Ada                           do    do      do    do    -     do        do    no  -    -
updateClient client Emil                          do    do      do    do    do    do        do    -   -    -
updateClient client Dora                          do    do      -     -     do    do        do    -   no   -
createGroup                                       do    do      do    do    do    do        no    no  no   .
updateGroup group Monday                          do    do      do    do    -     do        no    no  -    -
updateGroup group Thursday                        do    do      -     -     do    do        no    -   no   -
archiveGroup group Monday                         do    do      do    do    -     do        no    no  -    -
archiveGroup group Thursday                       do    do      -     -     do    do        no    -   no   -
addGroupMember group Monday client Emil           do    do      do    do    -     do        no    no  -    -
addGroupMember group Monday client Dora           do    do      -     -     -     do        no    no  -    -
addGroupMember group Thursday client Emil         do    do      -     -     do    do        no    -   no   -
removeGroupMember group Monday client Ben         do    do      do    do    -     do        no    no  -    -
removeGroupMember group Thursday client Dora      do    do      -     -     do    do        no    -   no   -
unshareGroup group Monday provider Chidi          do    do      do    .     -     do        no    no  -    -
scheduleAppointment group Monday provider Amara   do    do      do    do    -     do        no    no  no   -
scheduleAppointment group Monday provider Björn   do    do      do    do    -     do        no    no  no   -
scheduleAppointment group Thursday provider Amara do    do      -     -     do    do        no    no  no   -
scheduleAppointment client Ada provider Amara     do    do      do    no    -     do        no    no  no   -
scheduleAppointment client Ada provider Chidi     do    do      no    do    -     do        no    no  no   -
rescheduleAppointment session Shared              do    do      do    do    no    do        no    no  -    -
rescheduleAppointment session Ada                 do    do      do    no    no    do        no    no  -    -
cancelAppointment session Shared                  do    do      do    do    no    do        no    no  -    -
setAttendance line Shared/Ada                     do    do      do    do    -     do        no    no  -    -
clearAttendance line Thursday/Dora                do    do      -     -     do    do        no    -   no   -
markAllAttended session Shared                    do    do      do    do    no    do        no    no  -    -
recordConfirmation line Shared/Ada                do    do      do    do    -     do        no    do  -    -
recordConfirmation line Shared/Ben                do    do      do    do    -     do        no    -   -    -
acceptPayment client Ada line Monday/Ada          do    do      do    do    -     do        do    no  no   -
acceptPayment client Ada line Ada/Ada             do    do      do    -     -     do        do    no  no   -
acceptPayment client Dora                         do    do      -     -     do    do        do    no  no   -
refundPayment payment Both                        do    do      no    no    -     no        do    no  -    -
refundPayment payment Dora                        do    do      -     -     no    no        do    -   no   -
createChartTemplate                               do    do      do    do    do    no        no    no  no   .
updateChartTemplate template Custom               do    do      do    do    do    -         -     -   -    -
startChart session Shared                         no    no      do    do    no    no        no    no  -    -
saveChart chart Ada                               -     -       do    -     -     -         -     -   -    -
completeChart chart Ada                           -     -       do    -     -     -         -     -   -    -
reopenChart chart Thursday                        -     -       -     -     do    -         -     -   -    -
lockChart chart Thursday                          -     -       -     -     do    -         -     -   -    -
retryChartRun run Ben/complete                    -     -       -     do    -     -         -     -   -    -
addAddendum note Monday/Ada                       -     no      do    do    -     -         -     no  -    -
addAddendum chart Monday                          -     -       do    do    -     -         -     -   -    -
breakGlass client Ada                             do    do      no    no    no    no        no    no  no   -
breakGlass client Emil                            do    do      no    no    no    no        no    no  no   -
"""

# Which refusals show a row, and to whom: + all that they may see of it, null nothing, as they may not. Else as above.
_PROBLEMS = """
                                                     owner manager amara chidi bjorn scheduler carol ada dora eve
VersionConflict updateClient client Ada              +     +       +     +     -     +         +     no  -    -
VersionConflict updateGroup group Monday             +     +       +     +     -     +         no    no  -    -
VersionConflict rescheduleAppointment session Shared +     +       +     +     no    +         no    no  -    -
VersionConflict cancelAppointment session Shared     +     +       +     +     no    +         no    no  -    -
VersionConflict setAttendance line Shared/Ada        +     +       +     +     -     +         no    no  -    -
VersionConflict updateChartTemplate template Custom  +     +       +     +     +     -         -     -   -    -
VersionConflict saveChart chart Ada                  -     -       +     -     -     -         -     -   -    -
NotUsuallySeen scheduleAppointment group Thursday    +     +       -     -     +     +         no    no  no   -
NotUsuallySeen scheduleAppointment client Dora       +     +       -     -     no    +         no    no  no   -
AttendanceAlreadySet setAttendance line Ada/Ada      +     +       +     -     -     +         no    no  -    -
AttendancePaid clearAttendance line Monday/Ada       +     +       +     +     -     +         no    no  -    -
ServiceCodeNotAllowed setAttendance line Shared/Ada  +     +       +     +     -     +         no    no  -    -
ChartLocked clearAttendance line Monday/Ben          null  null    +     +     -     null      no    -   -    -
ChartLocked rescheduleAppointment session Monday     null  null    +     +     no    null      no    no  -    -
ChartLocked saveChart chart Thursday                 -     -       -     -     +     -         -     -   -    -
TemplateNotAllowedForGroup startChart session Shared no    no      +     +     no    no        no    no  -    -
AttendanceNotSet completeChart chart Thursday        -     -       -     -     +     -         -     -   -    -
ChartNotReviewed lockChart chart Ada                 -     -       +     -     -     -         -     -   -    -
WarningsNotAcknowledged lockChart chart Thursday     -     -       -     -     +     -         -     -   -    -
"""

# Types that hold no row of their own: what stands in them is a row of the tables above, or is about the request itself.
WITHOUT_ROWS = {
    "Money",
    "PageInfo",
    "SearchHit",
    "FieldProblem",
    "Calendar",
    "CalendarChange",
    "AttendanceSummary",
    "AttendanceOption",
    "AttendanceOptions",
}
AROUND_ROWS = ("Connection", "Edge", "Payload")
"""How the names of types end that are but lists of rows, or hand them over; and problems are no rows either."""

FOR_ALL = {"signIn", "signOut"}
"""Mutations that need no right, and so stand in no line above."""


def _table(text: str) -> dict[str, dict[str, str]]:
    head, *lines = text.strip("\n").splitlines()
    columns = head.split()
    table = {}
    for line in lines:
        words = line.split()
        name, cells = words[: -len(columns)], words[-len(columns) :]
        table[" ".join(name)] = dict(zip(columns, cells, strict=True))
    return table


_SEEN = _table(_ROWS)
ROWS = {row: {person: cell != "-" for person, cell in cells.items()} for row, cells in _SEEN.items()}
FIELDS = _table(_FIELDS)
ACTIONS = _table(_ACTIONS)
PROBLEMS = _table(_PROBLEMS)

TYPES = {
    "practice": "Practice",
    "provider": "Provider",
    "code": "ServiceCode",
    "client": "Client",
    "group": "Group",
    "member": "GroupMembership",
    "session": "Appointment",
    "line": "Attendance",
    "payment": "Payment",
    "part": "PaymentAllocation",
    "template": "ChartTemplate",
    "chart": "Chart",
    "entry": "ChartEntry",
    "warning": "ChartWarning",
    "run": "ChartRun",
    "step": "ChartRunStep",
    "note": "ChartNote",
    "signature": "Signature",
    "addendum": "Addendum",
    "emergency": "EmergencyAccess",
    "log": "AuditEntry",
}


def type_of(row: str) -> str:
    """Give the type of a row of the table."""
    return TYPES[row.partition(" ")[0]]


def fields_of(type_name: str) -> dict[str, dict[str, str]]:
    """Give the lines of a type's fields."""
    return {name.partition(".")[2]: cells for name, cells in FIELDS.items() if name.partition(".")[0] == type_name}


def column_of(row: str, by: str) -> str:
    """Give the column that says what this person sees of a row that they see."""
    return "busy" if _SEEN[row][by] == "busy" else KINDS[by]


def cell_of(row: str, field: str, by: str) -> str:
    """Say what this person sees in a field of a row that they see."""
    return FIELDS[f"{type_of(row)}.{field}"][column_of(row, by)]
