"""The HTTP API: strict input, one shape of error, keys and sessions, throttles; leads and events."""
