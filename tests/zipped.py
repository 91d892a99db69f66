"""What /export gives, unpacked."""

import csv
import io
import json
import zipfile
from typing import Any


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the files in a zip by their names, in its order."""
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        assert bundle.testzip() is None
        return {name: bundle.read(name) for name in bundle.namelist()}


def kept(data: bytes) -> Any:
    """Return what unsent.json in it says."""
    return json.loads(unzipped(data)["unsent.json"])


def rows(data: bytes) -> list[dict[str, str]]:
    """Return the rows of a CSV file by their heads, as a spreadsheet reads them."""
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
