"""The JSON body of a request, read strictly: unknown fields and other types are refused."""

from typing import Annotated, TypeVar

from flask import request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from werkzeug.exceptions import UnsupportedMediaType

from parking.errors import BadInput

# Made by a phone for one tap: random, kept before it is sent, repeated when it is sent again.
ClientKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Amount = Annotated[int, Field(ge=0, le=1_000_000_000)]  # rupiah
RowNumber = Annotated[int, Field(ge=1, le=2**63 - 1)]
# No control characters: PostgreSQL refuses NUL, and a log line must stay one line.
Text = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=500)]

IN_WORDS = {
    "missing": "harus diisi",
    "extra_forbidden": "isian ini tidak dikenal",
    "int_type": "harus angka bulat",
    "int_from_float": "harus angka bulat",
    "string_type": "harus teks",
    "enum": "bukan pilihan yang ada",
    "greater_than_equal": "terlalu kecil",
    "less_than_equal": "terlalu besar",
    "string_too_long": "terlalu panjang",
    "json_invalid": "bukan JSON",
}


class Body(BaseModel):
    """What a client of ours may send."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


B = TypeVar("B", bound=Body)


def read_body(model: type[B]) -> B:
    """The body of this request. Raises UnsupportedMediaType; BadInput naming what is at fault."""
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        return model.model_validate_json(request.get_data())
    except ValidationError as error:
        problems = {
            ".".join(str(part) for part in each["loc"])[:100] or "isi": IN_WORDS.get(
                each["type"], "tidak dapat dipakai"
            )
            for each in error.errors(include_url=False, include_input=False)
        }
        raise BadInput("Isian belum benar", problems) from error
