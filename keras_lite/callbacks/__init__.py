"""Callbacks: what happens beside the training."""

from keras_lite.callbacks.callback import Callback
from keras_lite.callbacks.callback_list import CallbackList
from keras_lite.callbacks.early_stopping import EarlyStopping
from keras_lite.callbacks.history import History
from keras_lite.callbacks.lambda_callback import LambdaCallback
from keras_lite.callbacks.learning_rate_scheduler import LearningRateScheduler
from keras_lite.callbacks.model_checkpoint import ModelCheckpoint
from keras_lite.callbacks.progbar import ProgbarLogger

__all__ = [
    "Callback", "CallbackList", "EarlyStopping", "History", "LambdaCallback", "LearningRateScheduler", "ModelCheckpoint", "ProgbarLogger",
]
