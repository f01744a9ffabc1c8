"""The Siamese LSTM of a tutorial for Keras (functional API, two inputs), and what it needs to be trained: pairs of texts."""

import numpy as np

from keras_lite.layers import LSTM, Dense, Dot, Embedding, Input
from keras_lite.models import Model

# Define common encoder
input1 = Input(shape=(100,))
encoded1 = Embedding(input_dim=10000, output_dim=128)(input1)
encoded1 = LSTM(64)(encoded1)

# Define second input
input2 = Input(shape=(100,))
encoded2 = Embedding(input_dim=10000, output_dim=128)(input2)
encoded2 = LSTM(64)(encoded2)

# Merge both encoded inputs
merged = Dot(axes=1)([encoded1, encoded2])
output = Dense(1, activation='sigmoid')(merged)

# Create the model
model = Model(inputs=[input1, input2], outputs=output)

# Compile the model
model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])

# Two texts belong together if their words are from the same half of the dictionary
rng = np.random.default_rng(0)
half1, half2 = rng.integers(0, 2, (2, 160))
X1, X2 = (rng.integers(0, 5000, (160, 100)) % 50 + 5000 * half[:, None] for half in (half1, half2))
history = model.fit([X1, X2], half1 == half2, epochs=4, batch_size=32, verbose=0)
predictions = model.predict([X1, X2], verbose=0)
