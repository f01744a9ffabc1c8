"""Rules on the source itself: who imports what, where engines are named, how long modules and functions are."""
