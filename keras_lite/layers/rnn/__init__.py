"""Recurrent layers, their cells, and layers that wrap others."""
