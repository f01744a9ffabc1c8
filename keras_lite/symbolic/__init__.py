"""The abstract engine: shapes and dtypes without values."""
