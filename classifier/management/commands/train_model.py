"""`manage.py train_model`: from labelled clips to the model that is served."""

from __future__ import annotations

import shlex
import sys
from argparse import ArgumentParser
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from classifier.management.corpora import add_corpus_options, load_clips, note_differences, read_corpora
from classifier.management.options import (
    add_plot_option,
    add_recipe_option,
    argument,
    count,
    plain_errors,
    require_writable,
    shown,
)
from classifier.management.report import figures_table
from ml import plots, store
from ml.arrivals import ARRIVALS, make_arrivals
from ml.corpora import join
from ml.datasets import load_dataset
from ml.extraction import Extractor, default_cache_dir
from ml.library import require_libraries
from ml.recipes import RECIPES
from ml.training import SEED, train
from ml.traits import CONDITIONING, TraitSet
from ml.tuning import tune_ahead, tuned, write_chosen


class Command(BaseCommand):
    """Trains a recipe on a corpus, measures it under both protocols and makes it the version to serve."""

    help = "Train a model on labelled clips, measure it honestly, and make it the version to serve."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        add_corpus_options(parser)
        add_recipe_option(parser, default=RECIPES["classic"])
        parser.add_argument(
            "--name", type=argument(store.plain_name), help="under which to save it (default: the recipe's)"
        )
        parser.add_argument(
            "--tune",
            type=count("trials"),
            metavar="N",
            help="choose the hyperparameters in N trials, on speakers left out of the part that is trained on",
        )
        parser.add_argument(
            "--robustness", action="store_true", help="also measure telephone, noise, rooms and codecs (takes longer)"
        )
        add_plot_option(parser)

    def handle(self, *args: Any, **options: Any) -> str:
        """Train; returns a sentence."""
        recipe = options["recipe"]
        require_writable(settings.MODEL_DIR, options["plots"])
        with plain_errors():
            require_libraries(recipe.model)
            if options["tune"]:
                recipe = tuned(recipe, trials=options["tune"], cache_dir=default_cache_dir())
            corpora = read_corpora(options, self.stderr.write)
            note_differences(recipe, corpora, self.stderr.write)
            corpus = join(corpora.values())
            watched = {"labels": recipe.labels, "jobs": options["jobs"]}
            extractor = Extractor(recipe.conditioning, recipe.feature_set, default_cache_dir())
            wanted = {"labels": recipe.labels, "copies": recipe.copies}
            data = load_clips(corpus, extractor, options, self.stderr.write, **wanted)
            describer = Extractor(CONDITIONING, TraitSet(), default_cache_dir())
            traits = load_dataset(corpus, describer, progress=shown("Describing voices"), **watched)
            arrivals = None
            if options["robustness"]:
                conditions = make_arrivals(corpus.utterances)
                arriving = replace(extractor, copier=conditions, copier_name=conditions.name)
                arrivals = load_dataset(
                    corpus, arriving, copies=ARRIVALS, progress=shown("Trying other arrivals"), **watched
                )
            tune_ahead(recipe, data, jobs=options["jobs"], progress=shown("Tuning"))
            trained = train(
                recipe,
                data,
                traits,
                model_dir=settings.MODEL_DIR,
                name=options["name"],
                arrivals=arrivals,
                jobs=options["jobs"],
                progress=shown("Fitting and testing"),
            )
        self.stdout.write(figures_table([evaluation.figures() for evaluation in trained.evaluations]))
        if options["plots"]:
            self.stdout.write(plots.write_all(options["plots"], trained.evaluations, trained.loss_curves))
        if options["tune"]:
            path = trained.stored.folder / "recipe.json"
            self.stdout.write(write_chosen(path, recipe, data, untuned=options["recipe"], seed=SEED))
        self.stdout.write(f"Repeat it with: {shlex.join(['python', *sys.argv])}")
        manifest = trained.stored.manifest
        return (
            f"{manifest.name} {manifest.version} was trained on {len(data)} clips and is the version to serve. "
            "A running site reads it on SIGHUP."
        )
