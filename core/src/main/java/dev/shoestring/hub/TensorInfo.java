package dev.shoestring.hub;

import java.util.List;

/**
 * A stored tensor, without its values.
 *
 * @param name its name in the checkpoint
 * @param type type of its elements
 * @param shape its sizes; empty for a single number
 */
public record TensorInfo(String name, ElementType type, List<Long> shape) {
    /** Copies the shape. */
    public TensorInfo {
        shape = List.copyOf(shape);
    }

    /**
     * Number of elements.
     *
     * @throws ArithmeticException if it does not fit in a long
     */
    public long elements() {
        long elements = 1;
        for (long size : shape) {
            elements = Math.multiplyExact(elements, size);
        }
        return elements;
    }

    /**
     * Bytes of all elements.
     *
     * @throws ArithmeticException if it does not fit in a long
     */
    public long byteSize() {
        return Math.multiplyExact(elements(), type.bytes());
    }
}
