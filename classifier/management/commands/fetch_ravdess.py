"""`manage.py fetch_ravdess`: the recordings to train on, from where they are published."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from classifier.management.options import plain_errors
from classifier.management.progress import meter
from ml.corpora import zenodo
from ml.corpora.download import Audience, Published


class Command(BaseCommand):
    """Downloads RAVDESS, resuming where it broke off, verifies and unpacks it; a complete folder is left alone."""

    help = "Download RAVDESS (speech: 208 MB; --song: 226 MB more), verify it and unpack it into DEST."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Options."""
        parser.add_argument("dest", type=Path, metavar="DEST", help="folder for Actor_01 to Actor_24")
        parser.add_argument("--song", action="store_true", help="also the sung part")
        parser.add_argument(
            "--mirror", default=zenodo.BASE_URL, metavar="URL", help="where the zips lie (default: %(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> str:
        """Fetch; returns a sentence."""
        archives = [zenodo.SPEECH, zenodo.SONG] if options["song"] else [zenodo.SPEECH]
        try:
            with plain_errors():
                fetched = [self._fetch(archive, options["dest"], options["mirror"]) for archive in archives]
        except KeyboardInterrupt as error:
            raise CommandError("Stopped. Run the same command again to go on.", returncode=130) from error
        self.stdout.write(zenodo.TERMS)
        return f"{options['dest']} is complete" + ("." if any(fetched) else "; there was nothing to do.")

    def _fetch(self, archive: Published, folder: Path, base_url: str) -> bool:
        if zenodo.is_complete(archive, folder):
            return False
        with meter(f"Fetching {archive.name}", archive.size_bytes, unit="B", scaled=True) as tell:
            audience = Audience(position=tell, trouble=lambda sentence: self.stderr.write(sentence, str))
            return zenodo.fetch(archive, folder, audience=audience, base_url=base_url)
