"""keras_lite: the Keras 3 API on JAX, PyTorch, TensorFlow and NumPy."""

__version__ = "0.1.0"
