"""`probe bench soak`: hours of cameras that die, viewers that come and go, and Redis that is away at times."""
