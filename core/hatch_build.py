"""The metadata of tfspark_magic-core: that of tfspark_magic, but for Spark."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

TAKEN = ("description", "license", "requires-python", "keywords", "classifiers", "urls")


class WithoutSpark(MetadataHookInterface):
    """Takes what stands in the pyproject.toml of the whole package."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Fill in the fields that are dynamic."""
        root = Path(self.root).parent
        project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
        metadata |= {name: project[name] for name in TAKEN}
        text = (root / "README.md").read_text()
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
        needed = project["dependencies"]
        spark = next(line for line in needed if line.startswith("pyspark"))
        metadata["dependencies"] = [line for line in needed if line != spark]
        own = f"{project['name']}["
        metadata["optional-dependencies"] = {
            "client": [spark.replace("pyspark", "pyspark-client")],
            **{
                extra: [line.replace(own, f"{metadata['name']}[") for line in lines]
                for extra, lines in project["optional-dependencies"].items()
                # Those with a whole Spark.
                if extra not in ("connect", "dev")
            },
        }
