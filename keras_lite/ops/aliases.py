"""Functions under a second public name of Keras's, which their errors say."""

from keras_lite.ops.arithmetic import divide, left_shift, right_shift
from keras_lite.ops.core import convert_to_tensor
from keras_lite.ops.elementwise import absolute, bitwise_not
from keras_lite.ops.reductions import reduce_max, reduce_min
from keras_lite.ops.table import alias, named

absolute_value = alias(absolute, "abs")
amax = alias(reduce_max, "amax")
amin = alias(reduce_min, "amin")
array = named(convert_to_tensor, "array")
bitwise_invert = alias(bitwise_not, "bitwise_invert")
bitwise_left_shift = alias(left_shift, "bitwise_left_shift")
bitwise_right_shift = alias(right_shift, "bitwise_right_shift")
true_divide = alias(divide, "true_divide")
