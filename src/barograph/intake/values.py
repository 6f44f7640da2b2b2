"""From the values of a source to the types of the contract, as SQL expressions.

Each function takes a column of the type `duck`, as `present` gives it: trimmed text, no NaN, NULL for
nothing. It gives an expression of the wanted type that is NULL for NULL, and for a value that cannot be read;
the importer tells the two apart by looking at the column again.
"""

from __future__ import annotations

from barograph.intake.sql import lit
from barograph.intake.times import EARLIEST, LATEST, Written, as_day, as_instant

BLANKS = " \t\r\n\u00a0\ufeff"
TRUE_WORDS = ("true", "yes", "y", "t", "1", "on")
FALSE_WORDS = ("false", "no", "n", "f", "0", "off")

EXPECTED = {
    "text": "text without NUL",
    "number": "a number such as 1234.5",
    "integer": "a whole number",
    "boolean": "yes or no, true or false, 1 or 0",
    "instant": f"a date or time such as 2026-03-31 or 2026-03-31T14:05:00Z, in {EARLIEST} to {LATEST}",
    "day": f"a date such as 2026-03-31, in {EARLIEST} to {LATEST}",
    "list": "a list separated by ;",
}
DUCK_TYPES = {
    "text": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "boolean": "BOOLEAN",
    "instant": "TIMESTAMP",
    "day": "DATE",
    "list": "VARCHAR[]",
}
_FRACTIONS = ("DOUBLE", "FLOAT")


def trimmed(text: str) -> str:
    """Text without blanks around it; NULL when nothing is left."""
    return f"nullif(trim({text}, {lit(BLANKS)}), '')"


def present(value: str, duck: str, *, blanks: bool = True) -> str:
    """The value as it is, with NULL for what counts as empty: blank text, and NaN, which pandas writes.

    `blanks` is False for text in which no blank occurs.
    """
    if duck == "VARCHAR":
        return trimmed(value) if blanks else f"nullif({value}, '')"
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if duck in _FRACTIONS else value


def as_text(value: str, duck: str, *, is_id: bool = False) -> str:
    """Text. A whole number stored as a fraction loses its `.0`; in ids also where it is text already."""
    if duck == "VARCHAR":
        return f"regexp_replace({value}, '^(-?[0-9]+)\\.0+$', '\\1')" if is_id else value
    if duck in _FRACTIONS:
        return number_text(f"CAST({value} AS DOUBLE)")
    if duck == "BOOLEAN":
        return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
    return f"CAST({value} AS VARCHAR)"


def number_text(value: str) -> str:
    """A DOUBLE as text that is the same for 5 and 5.0."""
    whole = f"{value} = trunc({value}) AND abs({value}) < 1e15"
    return (
        f"CASE WHEN {whole} THEN CAST(CAST({value} AS BIGINT) AS VARCHAR) ELSE CAST({value} AS VARCHAR) END"
    )


def as_number(value: str, duck: str, written: Written) -> str:
    """A number, which may be infinite. Text may have a currency, grouped thousands, or brackets for minus."""
    if duck in _FRACTIONS:
        return f"CAST({value} AS DOUBLE)"
    if duck.startswith(("DATE", "TIMESTAMP")):
        return "NULL::DOUBLE"
    if duck != "VARCHAR":
        return f"CAST({value} AS DOUBLE)"
    mark, group = ("\\.", ",") if written.decimal == "." else (",", "\\.")
    between = f"[{group}''\\x{{20}}\\x{{a0}}\\x{{202f}}]"
    plain = f"[+-]?(?:[0-9]+(?:{mark}[0-9]*)?|{mark}[0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?"
    grouped = f"[+-]?[0-9]{{1,3}}(?:{between}[0-9]{{3}})+(?:{mark}[0-9]*)?"
    sign = "(?:[A-Z]{3}|\\p{Sc})"
    bare = f"regexp_replace({value}, '^\\((.*)\\)$', '-\\1')"
    bare = f"regexp_replace({bare}, '^([+-]?)\\s*{sign}\\s*([+-]?)', '\\1\\2')"
    bare = f"regexp_replace({bare}, '\\s*{sign}$', '')"
    cleaned = f"replace(regexp_replace(b, '{between}', '', 'g'), {lit(written.decimal)}, '.')"
    number = f"CASE WHEN regexp_full_match(b, '{grouped}|{plain}') THEN try_cast({cleaned} AS DOUBLE) END"
    number = f"list_transform([{bare}], lambda b: {number})[1]"
    if written.decimal == ",":
        return number
    return (
        f"CASE WHEN regexp_full_match({value}, '{plain}') THEN try_cast({value} AS DOUBLE) ELSE {number} END"
    )


def currency_in(value: str, duck: str) -> str:
    """The ISO code that an amount's text names itself (`EUR 5`, `5 €`), else NULL. `$` names none."""
    if duck != "VARCHAR":
        return "NULL::VARCHAR"
    text = value
    code = f"nullif(regexp_extract({text}, '(?:^[+(-]?|[0-9)])\\s*([A-Z]{{3}})(?:$|\\s*[+(-]?[0-9])', 1), '')"
    signs = " ".join(
        f"WHEN contains({text}, '{sign}') THEN '{iso}'" for sign, iso in (("€", "EUR"), ("£", "GBP"))
    )
    return f"coalesce({code}, CASE {signs} END)"


def as_boolean(value: str, duck: str) -> str:
    """TRUE or FALSE for the words of `TRUE_WORDS` and `FALSE_WORDS`, in any case, and for 1 and 0."""
    if duck == "BOOLEAN":
        return value
    if duck.startswith(("DATE", "TIMESTAMP")):
        return "NULL::BOOLEAN"
    if duck != "VARCHAR":
        return f"CASE WHEN {value} = 1 THEN TRUE WHEN {value} = 0 THEN FALSE END"
    text = f"lower({value})"
    true, false = (", ".join(map(lit, words)) for words in (TRUE_WORDS, FALSE_WORDS))
    return f"CASE WHEN {text} IN ({true}) THEN TRUE WHEN {text} IN ({false}) THEN FALSE END"


def as_list(value: str, duck: str) -> str:
    """The parts between `;`, `,` or `|`, trimmed, without empty ones or JSON's brackets and quotes."""
    text = as_text(value, duck)
    bare = f"regexp_replace({text}, '^\\[|\\]$|\"', '', 'g')"
    parts = f"list_transform(regexp_split_to_array({bare}, '[;,|]'), lambda part: {trimmed('part')})"
    return f"CASE WHEN {text} IS NOT NULL THEN list_filter({parts}, lambda part: part IS NOT NULL) END"


def coerced(value: str, duck: str, kind: str, written: Written, *, is_id: bool = False) -> str:
    """The expression for a contract type: text, number, integer, boolean, instant, day or list."""
    match kind:
        case "text":
            return as_text(value, duck, is_id=is_id)
        case "number":
            return as_number(value, duck, written)
        case "integer":
            number = as_number(value, duck, written)
            whole = "CASE WHEN n = trunc(n) AND abs(n) < 9e15 THEN CAST(n AS BIGINT) END"
            return f"list_transform([{number}], lambda n: {whole})[1]"
        case "boolean":
            return as_boolean(value, duck)
        case "instant":
            return as_instant(value, duck, written)
        case "day":
            return as_day(value, duck, written)
        case "list":
            return as_list(value, duck)
    raise ValueError(f"{kind!r} is not a type of the contract")


def canonical(value: str, kind: str) -> str:
    """Text that is equal for equal values of a type, for digests."""
    match kind:
        case "number":
            return number_text(value)
        case "boolean":
            return f"CASE WHEN {value} THEN 'true' WHEN NOT {value} THEN 'false' END"
        case "instant":
            return f"CAST(epoch_us({value}) AS VARCHAR)"
        case "list":
            return f"array_to_string({value}, {lit(chr(30))})"
        case "text":
            return value
        case _:
            return f"CAST({value} AS VARCHAR)"
