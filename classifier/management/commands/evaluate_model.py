"""`manage.py evaluate_model`: how well a recipe, or a model as it is, hears speakers that it never heard."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from classifier.management.corpora import add_corpus_options, load_clips, note_differences, read_corpora
from classifier.management.options import (
    add_plot_option,
    add_recipe_option,
    argument,
    plain_errors,
    require_writable,
    shown,
)
from classifier.management.report import figures_table
from ml import plots, store
from ml.corpora import join
from ml.evaluation import PROTOCOLS, VOICE_PROTOCOL, Evaluation, evaluate_model, evaluate_recipe
from ml.extraction import Extractor, default_cache_dir
from ml.library import require_libraries
from ml.protocols import parse_folds
from ml.recipes import RECIPES, Recipe
from ml.recogniser import Recogniser
from ml.strangers import try_on_strangers


class Command(BaseCommand):
    """Tests a recipe, refitted in every fold, or a model as it is, on clips that it was not trained on."""

    help = "Measure a recipe (refitted in every fold) or a model as it is, on clips that it never saw."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        add_corpus_options(parser)
        subject = parser.add_mutually_exclusive_group()
        add_recipe_option(subject)
        subject.add_argument("--model", help="score the pickle as it is, without the clips it was trained on")
        parser.add_argument(
            "--protocol", choices=PROTOCOLS, default="actors", help="actors: no test speaker was trained on"
        )
        parser.add_argument(
            "--folds", type=argument(parse_folds), help="other groupings of actors: '1,2,3,4;5,6,7,8;…'"
        )
        parser.add_argument(
            "--voice", action="store_true", help="with two neutral clips of each speaker as their normal voice"
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        add_plot_option(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Test and report."""
        if options["folds"] and (options["model"] or options["protocol"] != "actors"):
            raise CommandError("--folds groups actors for the actors protocol of a recipe; it does not go with this.")
        if options["voice"] and (options["model"] or options["protocol"] != "actors"):
            raise CommandError("--voice is for the actors protocol of a recipe; it does not go with this.")
        require_writable(options["plots"])
        with plain_errors():
            subject, evaluation = self._model(options) if options["model"] else self._recipe(options)
        figures = {**subject, **evaluation.figures()}
        if options["json"]:
            self.stdout.write(json.dumps(figures))
        else:
            self.stdout.write(figures_table([figures]))
        if options["plots"]:
            self.stderr.write(plots.write_all(options["plots"], [evaluation]))

    def _recipe(self, options: dict[str, Any]) -> tuple[dict[str, str], Evaluation]:
        recipe = options["recipe"] or RECIPES["classic"]
        require_libraries(recipe.model)
        corpora = read_corpora(options, self.stderr.write)
        note_differences(recipe, corpora, self.stderr.write)
        extractor = Extractor(recipe.conditioning, recipe.feature_set, default_cache_dir())
        wanted = {"labels": recipe.labels, "copies": recipe.copies}
        data = load_clips(join(corpora.values()), extractor, options, self.stderr.write, **wanted)
        watched = {"folds": options["folds"], "jobs": options["jobs"], "progress": shown("Fitting and testing")}
        if options["voice"]:
            evaluation = _voice_evaluation(try_on_strangers(data, recipe, **watched).protocols, recipe)
        else:
            evaluation = evaluate_recipe(data, recipe, protocol=options["protocol"], **watched)
        return {"recipe": recipe.name}, evaluation

    def _model(self, options: dict[str, Any]) -> tuple[dict[str, str], Evaluation]:
        stored = store.find(options["model"], roots=(settings.MODEL_DIR, store.SHIPPED_DIR))
        recogniser = Recogniser.load(stored, pinned_sha256=store.parse_pins(settings.MODEL_SHA256))
        extractor = Extractor(recogniser.conditioning, recogniser.features, default_cache_dir())
        corpus = join(read_corpora(options, self.stderr.write).values())
        data = load_clips(corpus, extractor, options, self.stderr.write, labels=stored.manifest.labels)
        evaluation = evaluate_model(recogniser, data, stored.trained_on(), protocol=options["protocol"])
        return {"model": stored.manifest.name, "version": stored.manifest.version}, evaluation


def _voice_evaluation(evaluations: dict[str, Evaluation], recipe: Recipe) -> Evaluation:
    if VOICE_PROTOCOL not in evaluations:
        raise CommandError(
            f"{recipe.name} cannot use a speaker's normal voice, or nobody has two neutral clips: leave out --voice."
        )
    return evaluations[VOICE_PROTOCOL]
