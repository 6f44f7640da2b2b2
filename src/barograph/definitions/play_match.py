"""A play against a model: which of the model's components and signals it means."""

from __future__ import annotations

from collections.abc import Iterable

from barograph.definitions.base import Category, SignalTest
from barograph.definitions.model import ScoreModel
from barograph.definitions.play import Play
from barograph.definitions.play_trigger import ComponentBelow, SignalChange, SignalsMeet, Trigger


def component_categories(model: ScoreModel) -> dict[str, Category]:
    """Component -> the category that weighs most among its scored signals, in the model's order; on a tie the first.
    A component without a scored signal has none."""
    weights: dict[str, dict[Category, float]] = {component.name: {} for component in model.components}
    for signal in model.scored:
        if signal.component in weights:
            own = weights[signal.component]
            own[signal.category] = own.get(signal.category, 0.0) + signal.weight
    return {name: max(own, key=lambda category: own[category]) for name, own in weights.items() if own}


def components_meant(
    components: Iterable[str], categories: Iterable[str], model: ScoreModel
) -> tuple[str, ...]:
    """Names of the model's components that are named or whose category is, in the model's order."""
    named, wanted, found = set(components), set(categories), component_categories(model)
    return tuple(c.name for c in model.components if c.name in named or found.get(c.name) in wanted)


def trigger_components(trigger: Trigger, model: ScoreModel) -> tuple[str, ...]:
    """The components that a `component_below` looks at; none for other triggers."""
    if isinstance(trigger, ComponentBelow):
        return components_meant(trigger.components, trigger.categories, model)
    return ()


def served_components(play: Play, model: ScoreModel) -> tuple[str, ...]:
    """The components that a play works on: those of its trigger, of its trigger's signals, and those it `serves`."""
    signals = set(trigger_signals(play.trigger))
    behind = [s.component for s in model.signals if s.name in signals and s.component is not None]
    named = {*trigger_components(play.trigger, model), *behind, *play.serves}
    return tuple(c.name for c in model.components if c.name in named)


def trigger_signals(trigger: Trigger) -> tuple[str, ...]:
    """Signals that a trigger reads, each once."""
    if isinstance(trigger, SignalChange):
        return (trigger.signal,)
    if isinstance(trigger, SignalsMeet):
        return tuple(dict.fromkeys(test.signal for test in (*trigger.all_of, *trigger.any_of)))
    return ()


def success_tests(play: Play) -> tuple[SignalTest, ...]:
    """Tests on signals that the success of a play depends on."""
    return play.success.signals if play.success is not None else ()


def all_signals(play: Play) -> tuple[str, ...]:
    """Signals that a play reads anywhere, each once."""
    return tuple(
        dict.fromkeys((*trigger_signals(play.trigger), *(test.signal for test in success_tests(play))))
    )
