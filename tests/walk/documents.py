"""What the story's people send, as the documents of a client application, and what they look at in the answers."""

from __future__ import annotations

from typing import Any

SIGN_IN = """
mutation SignIn($input: SignInInput!) {
  signIn(input: $input) {
    __typename
    ... on SignInPayload { token expiresAt viewer { name email roles provider { id } practice { id name } } }
    ... on Problem { message }
  }
}
"""
CREATE_GROUP = """
mutation CreateGroup($input: CreateGroupInput!) {
  createGroup(input: $input) {
    __typename
    ... on CreateGroupPayload {
      group { id name initials provider { id name } defaultServiceCode { code label } members { id } }
    }
    ... on InvalidInput { fields { path message } }
    ... on Problem { message }
  }
}
"""
CREATE_CLIENT = """
mutation CreateClient($input: CreateClientInput!) {
  createClient(input: $input) {
    __typename
    ... on CreateClientPayload { client { id name providers { name } } }
    ... on Problem { message }
  }
}
"""
LIST = """
query ClientList {
  groups { edges { node { id name initials } } }
  clients { edges { node { id name } } pageInfo { hasNextPage endCursor } }
}
"""
DETAILS = """
query GroupDetails($id: ID!) {
  group(id: $id) {
    name initials version archivedAt viewerCanEdit
    defaultServiceCode { code }
    members { joinedAt client { id name } }
  }
}
"""
OFFERED = """
query Offered($text: String!, $group: ID!) {
  clients(text: $text, notInGroup: $group) { edges { node { id name } } }
}
"""
PROFILE = """
query ClientProfile($id: ID!) {
  client(id: $id) {
    name
    groups { id }
    memberships { id leftAt group { id name } }
  }
  groups { edges { node { id name } } }
}
"""
ADD = """
mutation Add($input: AddGroupMemberInput!) {
  addGroupMember(input: $input) {
    __typename
    ... on AddGroupMemberPayload {
      membership { id leftAt }
      group { members { client { name } } }
      client { groups { name } }
    }
    ... on InvalidInput { fields { path message } }
    ... on Problem { message }
  }
}
"""
REMOVE = """
mutation Remove($input: RemoveGroupMemberInput!) {
  removeGroupMember(input: $input) {
    __typename
    ... on RemoveGroupMemberPayload {
      membership { id leftAt }
      group { members { client { name } } }
      client { groups { name } }
    }
    ... on Problem { message }
  }
}
"""
UPDATE = """
mutation Update($input: UpdateGroupInput!) {
  updateGroup(input: $input) {
    __typename
    ... on UpdateGroupPayload { group { name initials version defaultServiceCode { code } } }
    ... on VersionConflict { current { ... on Group { name version } } }
    ... on Problem { message }
  }
}
"""


SEARCH = """
query Search($text: String!, $provider: ID, $scope: SearchScope) {
  search(text: $text, providerId: $provider, scope: $scope) {
    usuallySeesProvider
    match { __typename ... on Client { name } ... on Group { name } }
  }
}
"""
ARCHIVE = """
mutation Archive($input: ArchiveGroupInput!) {
  archiveGroup(input: $input) {
    __typename
    ... on ArchiveGroupPayload { group { archivedAt members { client { name } } } }
    ... on Problem { message }
  }
}
"""


def names(connection: Any) -> list[str]:
    return [edge["node"]["name"] for edge in connection["edges"]]


def roster(group: Any) -> list[str]:
    return [member["client"]["name"] for member in group["members"]]


def hits(found: Any) -> list[tuple[str, bool]]:
    return [(hit["match"]["name"], hit["usuallySeesProvider"]) for hit in found["search"]]
