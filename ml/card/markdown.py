"""MODEL_CARD.md: what a model's page says, to read beside its files, with the metadata that model hubs read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence

from ml.card.facts import Certainty, Figures, Measure, ModelFacts
from ml.card.references import ON_RAVDESS
from ml.card.wording import condition, corpus, listed

INTENDED = """\
It says which emotion of those in its training the sound of a voice resembles, and how sure it is. It does not know
what anybody feels. Use it to explore recordings, to teach, and to compare models. Do not decide anything about a
person with it. In the European Union, inferring emotions at a workplace or in education is forbidden (AI Act, Article
5(1)(f)), and people exposed to such a system must be told (Article 50(3))."""

RAVDESS = {"ravdess", "song"}
"""Corpora whose licence holds for what was learned from them, too."""

LIMITS = """\
Acted emotion is clearer than felt emotion. What was not in the training was not measured: other languages and accents,
children and old people, spontaneous and mixed feelings, ill or impaired voices, several speakers at once."""


def model_card(facts: ModelFacts) -> str:
    """The whole card: metadata in YAML, then Markdown."""
    sections = (section for section in _sections(facts) if section)
    return f"---\n{_metadata(facts)}---\n\n" + "\n\n".join(sections) + "\n"


def _sections(facts: ModelFacts) -> Iterator[str]:
    yield f"# {facts.name}\n\n{facts.summary}"
    yield f"Version `{facts.version}`, trained {facts.created[:10]}. It tells apart {listed(facts.labels)}."
    yield f"## Use\n\n{INTENDED}"
    yield f"## Training\n\n{_training(facts)}"
    yield _section("How well it hears", _figures(facts.figures))
    yield _section("In comparison", _comparison(facts))
    yield _section("When it says that it is not sure", _certainties(facts))
    if facts.strangers:
        yield _section("Women and men, UAR on strangers", _genders(facts.strangers))
        yield _section("What strangers' emotions are heard as, in percent", _confusion(facts.strangers))
        yield _section("Whether its confidence is true, on strangers", _reliability(facts.strangers))
    yield _section("How well it holds up, on strangers", _robustness(facts))
    yield _section("What it listens to", _importance(facts))
    yield _section("Training loss", _losses(facts.loss_curves))
    yield f"## Limits\n\n{LIMITS}"
    yield f"## Recipe\n\n```json\n{json.dumps(facts.recipe, indent=2, ensure_ascii=False)}\n```"
    yield f"## Licence\n\n{facts.licence}"


def _metadata(facts: ModelFacts) -> str:
    """YAML as model hubs read it; each value is written as JSON, which YAML contains."""
    tagged: dict[str, object] = {
        "license": "cc-by-nc-sa-4.0" if any(name in RAVDESS for name, _ in facts.corpora) else "other",
        "language": ["en"] if facts.on_ravdess_alone else None,
        "library_name": "sklearn",
        "pipeline_tag": "audio-classification",
        "tags": ["audio-classification", "speech-emotion-recognition", "emotion", "sklearn"],
        "datasets": [name for name, _ in facts.corpora],
        "metrics": ["recall", "accuracy"],
        "model-index": [{"name": facts.name, "results": [_result(facts, figures) for figures in facts.figures]}],
    }
    return "".join(f"{name}: {json.dumps(value)}\n" for name, value in tagged.items() if value)


def _result(facts: ModelFacts, figures: Figures) -> dict[str, object]:
    corpora = listed([corpus(name) for name, _ in facts.corpora])
    measures = {"recall": figures.uar, "accuracy": figures.accuracy}
    names = {"recall": "Unweighted average recall", "accuracy": "Accuracy"}
    return {
        "task": {"type": "audio-classification", "name": "Speech emotion recognition"},
        "dataset": {"name": f"{corpora}, {figures.protocol}", "type": facts.corpora[0][0], "config": figures.protocol},
        "metrics": [
            {"type": kind, "name": names[kind], "value": round(measure.value, 4)} for kind, measure in measures.items()
        ],
    }


def _training(facts: ModelFacts) -> str:
    corpora = listed([f"{clips:,} clips of {corpus(name)}" for name, clips in facts.corpora])
    libraries = listed([f"{name} {version}" for name, version in facts.libraries])
    return (
        f"Trained on {corpora}, as {facts.feature_count:,} numbers a clip (`{facts.features}`), with {libraries}. "
        "`training.json` beside this file holds the hash of every clip and the speakers, so that it can be proved that "
        "a test clip was not trained on."
    )


def _figures(figures: Sequence[Figures]) -> str:
    rows = (
        [each.tested_on, str(each.clips), *(_interval(found) for found in (each.uar, each.accuracy)), _ece(each)]
        for each in figures
    )
    return _table(["Tested on", "Clips", "UAR", "Accuracy", "ECE"], rows)


def _genders(figures: Figures) -> str:
    return ", ".join(f"{gender} {_percent(found)}" for gender, found in figures.by_gender)


def _comparison(facts: ModelFacts) -> str:
    if facts.published:
        return f"Its authors published {facts.published.accuracy:.1%} on their own split ({facts.published.source})."
    if not (facts.on_ravdess_alone and facts.strangers):
        return ""
    own = [facts.name, _percent(facts.strangers.accuracy.value), _percent(facts.strangers.uar.value)]
    others = (
        [each.who, *(_percent(value) if value else "" for value in (each.accuracy, each.uar))] for each in ON_RAVDESS
    )
    return _table(["Voices never heard", "Accuracy", "UAR"], [["Guessing", _percent(facts.chance), ""], own, *others])


def _certainties(facts: ModelFacts) -> str:
    cases = ((facts.certainty, "strangers"), (facts.certainty_with_voice, "strangers whose normal voice is known"))
    return " ".join(_certainty(found, on) for found, on in cases if found)


def _certainty(found: Certainty, on: str) -> str:
    return (
        f"On {on} it is sure from a confidence of {found.threshold:.0%} upwards: of {found.coverage:.0%} of the clips, "
        f"and of these {found.accuracy:.0%} are right."
    )


def _confusion(figures: Figures) -> str:
    labels = figures.confusion.labels
    rows = ([f"**{label}**", *(f"{share:.0%}"[:-1] for share in shares)] for label, shares in figures.confusion.rows)
    return _table(["Emotion", *(f"heard {label}" for label in labels)], rows)


def _reliability(figures: Figures) -> str:
    rows = ([str(each.clips), _percent(each.confidence), _percent(each.accuracy)] for each in figures.reliability)
    return _table(["Clips", "Mean confidence", "Right"], rows)


def _robustness(facts: ModelFacts) -> str:
    rows = (
        [condition(each.name), _percent(each.uar), _percent(each.accuracy), f"{100 * each.uar_lost:.1f}"]
        for each in facts.robustness
    )
    return _table(["How the clip arrives", "UAR", "Accuracy", "Points of UAR lost"], rows)


def _importance(facts: ModelFacts) -> str:
    rows = ([family, f"{100 * lost:.1f}"] for family, lost in facts.importance)
    return _table(["Family of features", "Points of UAR lost when it is shuffled"], rows)


def _losses(curves: Sequence[Sequence[float]]) -> str:
    rows = (
        [str(number), str(len(curve)), f"{curve[0]:.2f}", f"{curve[-1]:.2f}"] for number, curve in enumerate(curves, 1)
    )
    return _table(["Network", "Epochs", "After the first", "After the last"], rows)


def _section(heading: str, body: str) -> str:
    return f"## {heading}\n\n{body}" if body else ""


def _interval(found: Measure) -> str:
    return f"{_percent(found.value)} ({100 * found.low:.1f} to {100 * found.high:.1f})"


def _ece(figures: Figures) -> str:
    return f"{figures.ece.value:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; nothing where it would have no rows."""
    lines = [f"| {' | '.join(cells)} |" for cells in rows]
    return "\n".join([f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}", *lines]) if lines else ""
