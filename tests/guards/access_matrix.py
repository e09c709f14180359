"""The one table: who sees which rows, what of them, and who may do what.

The scene: the cast of `tests/world.py`, and besides Chidi, a provider with a share of Monday's group; Emil, a client of
Björn's who was a member of that group; and Dora's own sign-in. Eve is the owner of another practice.
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

# Which rows are seen: + yes, - no. Every row of these tables in the practice stands here.
_ROWS = """
                          owner manager amara chidi bjorn scheduler carol ada dora eve
practice                    +      +      +     +     +       +       +    +    +    -
provider Amara              +      +      +     +     +       +       +    +    -    -
provider Chidi              +      +      +     +     +       +       +    +    -    -
provider Björn              +      +      +     +     +       +       +    -    +    -
code 90853                  +      +      +     +     +       +       +    +    +    -
code 90837                  +      +      +     +     +       +       +    -    -    -
code LATE_CANCEL            +      +      +     +     +       +       +    -    -    -
code NO_SHOW                +      +      +     +     +       +       +    -    -    -
client Ada                  +      +      +     +     -       +       +    +    -    -
client Ben                  +      +      +     +     -       +       +    -    -    -
client Chloe                +      +      +     +     -       +       +    -    -    -
client Emil                 +      +      +     +     +       +       +    -    -    -
client Dora                 +      +      -     -     +       +       +    -    +    -
group Monday                +      +      +     +     -       +       +    +    -    -
group Thursday              +      +      -     -     +       +       +    -    +    -
member Monday/Ada           +      +      +     +     -       +       -    +    -    -
member Monday/Ben           +      +      +     +     -       +       -    -    -    -
member Monday/Chloe         +      +      +     +     -       +       -    -    -    -
member Monday/Emil          +      +      +     +     -       +       -    -    -    -
member Thursday/Dora        +      +      -     -     +       +       -    -    +    -
"""

# What is seen of a row that is seen. full: what is stored. seen: the one or those that the table above shows.
# initials: those instead of the name. yes and no: what is said of the viewer. own: only of oneself.
_FIELDS = """
                            office     provider   scheduler  biller     client
Practice.id                 full       full       full       full       full
Practice.name               full       full       full       full       full
Practice.timeZone           full       full       full       full       full
Practice.currency           full       full       full       full       full
Practice.groupSizeLimit     full       full       full       full       full
Practice.providers          seen       seen       seen       seen       seen
Practice.serviceCodes       seen       seen       seen       seen       none
Provider.id                 full       full       full       full       full
Provider.name               full       full       full       full       full
Provider.credentials        full       full       full       full       full
Provider.active             full       full       full       full       full
Provider.viewerCanSchedule  yes        yes        yes        no         no
ServiceCode.id              full       full       full       full       full
ServiceCode.code            full       full       full       full       full
ServiceCode.label           full       full       full       full       full
ServiceCode.kind            full       full       full       full       full
ServiceCode.fee             full       full       full       full       full
ServiceCode.durationMinutes full       full       full       full       full
ServiceCode.active          full       full       full       full       full
Client.id                   full       full       full       full       full
Client.firstName            full       full       full       full       full
Client.lastName             full       full       full       full       full
Client.preferredName        full       full       full       full       full
Client.name                 full       full       full       full       full
Client.initials             full       full       full       full       full
Client.dateOfBirth          full       full       full       full       full
Client.email                full       full       full       full       full
Client.phone                full       full       full       full       full
Client.active               full       full       full       full       full
Client.version              full       full       full       full       full
Client.providers            seen       seen       seen       seen       seen
Client.groups               seen       seen       seen       none       seen
Client.memberships          seen       seen       seen       none       seen
Group.id                    full       full       full       full       full
Group.name                  full       full       full       initials   initials
Group.initials              full       full       full       full       full
Group.defaultServiceCode    seen       seen       seen       seen       seen
Group.provider              seen       seen       seen       seen       seen
Group.providers             seen       seen       seen       seen       seen
Group.members               seen       seen       seen       none       seen
Group.archivedAt            full       full       full       full       full
Group.viewerCanEdit         yes        yes        yes        no         no
Group.version               full       full       full       full       full
GroupMembership.id          full       full       full       -          full
GroupMembership.group       seen       seen       seen       -          seen
GroupMembership.client      seen       seen       seen       -          seen
GroupMembership.joinedAt    full       full       full       -          full
GroupMembership.leftAt      full       full       full       -          full
Viewer.id                   own        own        own        own        own
Viewer.name                 own        own        own        own        own
Viewer.email                own        own        own        own        own
Viewer.roles                own        own        own        own        own
Viewer.practice             seen       seen       seen       seen       seen
Viewer.provider             none       seen       none       none       none
Viewer.client               none       none       none       none       seen
"""

# Who may do what to which rows. no: FORBIDDEN, as they see it. -: NOT_FOUND, as they do not. Signed out it is
# UNAUTHENTICATED, and a dot is not tried: Eve may, in her own practice.
_ACTIONS = """
                                              owner  manager  amara  chidi  bjorn  scheduler carol  ada    dora   eve
createServiceCode                             do     do       no     no     no     no        no     no     no     .
updateServiceCode code 90837                  do     do       no     no     no     no        no     -      -      -
updateServiceCode code 90853                  do     do       no     no     no     no        no     no     no     -
createClient                                  do     do       do     do     do     do        do     no     no     .
updateClient client Ada                       do     do       do     do     -      do        do     no     -      -
updateClient client Emil                      do     do       do     do     do     do        do     -      -      -
updateClient client Dora                      do     do       -      -      do     do        do     -      no     -
createGroup                                   do     do       do     do     do     do        no     no     no     .
updateGroup group Monday                      do     do       do     do     -      do        no     no     -      -
updateGroup group Thursday                    do     do       -      -      do     do        no     -      no     -
archiveGroup group Monday                     do     do       do     do     -      do        no     no     -      -
archiveGroup group Thursday                   do     do       -      -      do     do        no     -      no     -
addGroupMember group Monday client Emil       do     do       do     do     -      do        no     no     -      -
addGroupMember group Monday client Dora       do     do       -      -      -      do        no     no     -      -
addGroupMember group Thursday client Emil     do     do       -      -      do     do        no     -      no     -
removeGroupMember group Monday client Ben     do     do       do     do     -      do        no     no     -      -
removeGroupMember group Thursday client Dora  do     do       -      -      do     do        no     -      no     -
"""

# Types that hold no row of their own: what stands in them is a row of the tables above, or is about the request itself.
WITHOUT_ROWS = {
    "Money",
    "PageInfo",
    "ClientConnection",
    "ClientEdge",
    "GroupConnection",
    "GroupEdge",
    "SearchHit",
    "FieldProblem",
    "InvalidInput",
    "VersionConflict",
    "IdempotencyConflict",
    "WrongCredentials",
    "SignInPayload",
    "CreateServiceCodePayload",
    "UpdateServiceCodePayload",
    "CreateClientPayload",
    "UpdateClientPayload",
    "CreateGroupPayload",
    "UpdateGroupPayload",
    "ArchiveGroupPayload",
    "AddGroupMemberPayload",
    "RemoveGroupMemberPayload",
}

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


ROWS = {row: {person: cell == "+" for person, cell in cells.items()} for row, cells in _table(_ROWS).items()}
FIELDS = _table(_FIELDS)
ACTIONS = _table(_ACTIONS)

TYPES = {
    "practice": "Practice",
    "provider": "Provider",
    "code": "ServiceCode",
    "client": "Client",
    "group": "Group",
    "member": "GroupMembership",
}


def type_of(row: str) -> str:
    """Give the type of a row of the table."""
    return TYPES[row.partition(" ")[0]]
