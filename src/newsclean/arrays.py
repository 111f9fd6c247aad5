"""The array types that signatures, sketches and the index pass around, each named once."""

from __future__ import annotations

from typing import Any

import numpy as np

UInt8 = np.ndarray[Any, np.dtype[np.uint8]]
UInt32 = np.ndarray[Any, np.dtype[np.uint32]]
UInt64 = np.ndarray[Any, np.dtype[np.uint64]]
Int64 = np.ndarray[Any, np.dtype[np.int64]]
Float = np.ndarray[Any, np.dtype[np.float64]]
Bool = np.ndarray[Any, np.dtype[np.bool_]]
