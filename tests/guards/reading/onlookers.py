"""The people of a marked scene, and what each of them may be shown as things are now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from resolvers.viewer import Viewer
from tests.guards.reading.marks import ID, MARK, mark, own_ids, own_marks, secret_ids
from tests.guards.reading.scene import Scene, plant_scene
from tests.guards.reading.sight import Sight
from tests.guards.reading.truth import Truth

Marks = set[tuple[str, str]]
Hides = Callable[[Marks], Marks]


def nothing(_: Marks) -> Marks:
    """Take nothing that is somebody's for others'."""
    return set()


def half(marks: Marks) -> Marks:
    """Take about half of it for others': it is to be noticed."""
    return {one for one in marks if int(one[1], 16) % 2}


class Onlookers:
    """Whoever looks at the scene, signed in; what one may be shown is worked out when it is first asked for."""

    def __init__(self, scene: Scene, truth: Truth, hides: Hides = nothing) -> None:
        """Hold the scene; what `hides` gives of somebody's marks is taken for others', to see that it is noticed."""
        self.scene, self.truth, self.hides = scene, truth, hides
        self.people: dict[str, Viewer] = {
            label: viewer for label, viewer in sorted(scene.viewers.items()) if viewer is not None
        }
        self.clinicians = [label for label, viewer in self.people.items() if viewer.provider_id is not None]
        self.clients = [label for label, viewer in self.people.items() if viewer.client_id is not None]
        self._sights: dict[str, Sight] = {}
        self._known: dict[str, tuple[Marks, set[str]]] = {}
        self._secret = secret_ids(truth)

    async def look_again(self) -> None:
        """Know that something has changed."""
        self.truth = await Truth.load(self.scene.altered)
        self._secret = secret_ids(self.truth)
        self._sights, self._known = {}, {}

    def sight(self, label: str) -> Sight:
        """Give what somebody sees."""
        if label not in self._sights:
            self._sights[label] = Sight(self.truth, self.people[label], {})
        return self._sights[label]

    def foreign(self, label: str, text: str, asked: str, tally: Counter[str]) -> list[str]:
        """Name what stands of others in what somebody is shown, and did not in what they asked."""
        if label not in self._known:
            marks = own_marks(self.sight(label))
            self._known[label] = marks - self.hides(marks), own_ids(self.sight(label))
        own, known = self._known[label]
        shown = set(MARK.findall(text))
        tally["marks"] += len(shown)
        found = [f"the mark {''.join(one)}" for one in shown - own - set(MARK.findall(asked))]
        others = set(ID.findall(text)) & (self._secret - known)
        return found + [f"the id {one}" for one in others if one not in asked]


async def marked_scene(seed: int, hides: Hides = nothing) -> Onlookers:
    """Plant a scene, mark it, and let its people look."""
    scene = await plant_scene(seed, sessions=True)
    await mark()
    return Onlookers(scene, await Truth.load(scene.altered), hides)
