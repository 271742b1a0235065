package dev.shoestring.recipe;

/** The arithmetic of training; key {@code precision}. */
public enum Precision {
    /** bf16 where the processor has it in hardware, otherwise fp32. */
    AUTO,
    /** Single precision throughout. */
    FP32,
    /** bfloat16 products with fp32 weights and accumulators. */
    BF16
}
