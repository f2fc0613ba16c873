"""What schemathesis must know of this service: how its scalars look, and which codes tell of a caller's mistake."""

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes
from schemathesis.specs.graphql import validation

# Beside Apollo's codes, which it knows. UNAVAILABLE, RATE_LIMITED and INTERNAL stay failures.
validation.CLIENT_ERROR_MARKERS |= {"LIMIT_EXCEEDED", "EXPIRED", "CURSOR_EXPIRED"}

SCALARS = {
    "CurrencyCode": st.sampled_from(["EUR", "USD", "JPY", "eur", "XXX", ""]),
    "Date": st.dates().map(str),
    "DateTime": st.datetimes(timezones=st.timezones()).map(lambda instant: instant.isoformat()),
    "Decimal": st.decimals(allow_nan=False, allow_infinity=False).map(str),
    "JSON": st.text(max_size=20),
    "TimeZone": st.one_of(st.timezone_keys(), st.text(max_size=20)),
    # A file cannot stand in a document; what stands there must be refused.
    "Upload": st.text(max_size=20),
}
for name, texts in SCALARS.items():
    schemathesis.graphql.scalar(name, texts.map(nodes.String))
