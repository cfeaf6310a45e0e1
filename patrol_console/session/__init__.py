"""Signing in and out: sessions on the server, a cookie in the browser."""
