from __future__ import annotations

import pytest
import yaml

from ml import store
from ml.arrivals import ARRIVALS
from ml.card import facts
from ml.card.markdown import model_card
from ml.card.wording import CONDITIONS, CORPORA, listed
from ml.corpora.readers import READERS
from tests.ml.manifests import FIGURES, summary


def test_the_metadata_is_what_model_hubs_read() -> None:
    card = model_card(facts.read(summary(figures={"actors": FIGURES})))
    _, metadata, _ = card.split("---\n", 2)
    read = yaml.safe_load(metadata)
    assert read["library_name"] == "sklearn"
    assert read["pipeline_tag"] == "audio-classification"
    (result,) = read["model-index"][0]["results"]
    assert {metric["type"]: metric["value"] for metric in result["metrics"]} == {"recall": 0.5, "accuracy": 0.5}


def test_a_section_stands_only_where_something_was_measured() -> None:
    bare = model_card(facts.read(summary()))
    assert "How well it hears" not in bare
    assert "model-index" in bare
    robust = {"room": {"accuracy": 0.4, "uar": 0.45, "accuracy_lost": 0.1, "uar_lost": 0.05}}
    full = model_card(facts.read(summary(figures={"actors": FIGURES}, robustness=robust, importance={"pitch": 0.071})))
    assert "| In a small, echoing room | 45.0 % | 40.0 % | 5.0 |" in full
    assert "| pitch | 7.1 |" in full
    assert "| **happy** | 75 | 25 |" in full


@pytest.mark.parametrize("corpus", ["ravdess", "song"])
def test_what_was_learned_from_ravdess_is_under_its_licence(corpus: str) -> None:
    card = model_card(facts.read(summary(corpora=[{"name": corpus, "clips": 10}])))
    assert 'license: "cc-by-nc-sa-4.0"' in card
    assert f"10 clips of {CORPORA[corpus]}" in card
    assert 'license: "other"' in model_card(facts.read(summary()))


def test_every_corpus_has_a_name() -> None:
    assert set(CORPORA) == set(READERS)


def test_every_condition_of_the_robustness_table_has_words() -> None:
    assert tuple(CONDITIONS) == ARRIVALS


@pytest.mark.parametrize(("words", "text"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_words_are_listed_as_people_list_them(words: list[str], text: str) -> None:
    assert listed(words) == text


@pytest.mark.parametrize("name", store.names((store.SHIPPED_DIR,)))
def test_a_shipped_models_card_is_that_of_its_manifest(name: str) -> None:
    stored = store.find(name, roots=(store.SHIPPED_DIR,))
    card = (stored.folder / "MODEL_CARD.md").read_text("utf-8")
    assert card == model_card(facts.read(stored.manifest.summary()))
