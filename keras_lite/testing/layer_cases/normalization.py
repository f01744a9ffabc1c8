"""Normalization."""

from __future__ import annotations

from keras_lite.testing.layer_cases.case import IMAGE, IMAGE_FIRST, ROWS, STEPS, Case

LAST = {"torch": "there Keras normalizes the last axes"}

NORMALIZATION = [
    Case("BatchNormalization", {}, ROWS),
    Case("BatchNormalization", {"axis": 1, "momentum": 0.8, "epsilon": 0.1}, IMAGE, training=True,
         unlike={"masks": "a mask must have all axes but the last"}),
    Case("BatchNormalization", {"momentum": 0.5}, STEPS, training=True),
    Case("BatchNormalization", {"center": False}, STEPS, training=True), Case("BatchNormalization", {"scale": False}, STEPS),
    Case("BatchNormalization", {"trainable": False}, STEPS, training=True),
    Case("BatchNormalization", {"beta_initializer": "ones", "gamma_initializer": "zeros", "moving_mean_initializer": "ones",
                                "beta_regularizer": "l2", "gamma_constraint": "non_neg"}, STEPS),
    Case("BatchNormalization", {"renorm": True, "momentum": 0.7, "renorm_momentum": 0.6}, STEPS, training=True),
    Case("BatchNormalization", {"renorm": True, "renorm_clipping": {"rmax": 1.5, "rmin": 0.8, "dmax": 0.3}}, STEPS, training=True),
    Case("LayerNormalization", {}, STEPS), Case("LayerNormalization", {"axis": [1, 2], "epsilon": 0.1}, IMAGE, unlike=LAST),
    Case("LayerNormalization", {"center": False, "gamma_regularizer": "l1"}, STEPS), Case("LayerNormalization", {"scale": False}, STEPS),
    Case("LayerNormalization", {"rms_scaling": True}, STEPS), Case("LayerNormalization", {"axis": 1}, STEPS, unlike=LAST),
    Case("RMSNormalization", {}, STEPS), Case("RMSNormalization", {"axis": [1, 2], "epsilon": 0.1}, STEPS),
    Case("GroupNormalization", {"groups": 2}, IMAGE), Case("GroupNormalization", {"groups": -1, "axis": 1}, IMAGE_FIRST),
    Case("GroupNormalization", {"groups": 1, "scale": False, "epsilon": 0.1}, STEPS),
    Case("UnitNormalization", {}, STEPS), Case("UnitNormalization", {"axis": [1, 2]}, STEPS),
]

RARE_NORMALIZATION = [
    Case("RMSNormalization", {"axis": 1, "epsilon": 0.01, "dtype": "mixed_bfloat16"}, STEPS,
         unlike={"output": "Keras multiplies the last axis by the scale"}),
    Case("RMSNormalization", {"trainable": False}, IMAGE),
    Case("LayerNormalization", {"axis": (1, -1), "dtype": "mixed_float16"}, IMAGE, unlike=LAST),
    Case("GroupNormalization", {"groups": 4, "axis": 2, "center": False, "beta_initializer": "ones", "gamma_regularizer": "l2"},
         (2, 3, 8, 5)),
    Case("GroupNormalization", {"groups": 2, "axis": -2}, (2, 5, 4, 3)),
    *[Case("UnitNormalization", args, shape) for args, shape in (
        ({"axis": 1}, IMAGE), ({"axis": (1, -1)}, IMAGE), ({"axis": 0}, ROWS))],
    Case("BatchNormalization", {"axis": 1, "dtype": "mixed_float16"}, (2, 4, 3), training=True),
]
