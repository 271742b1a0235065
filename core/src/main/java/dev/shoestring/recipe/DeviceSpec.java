package dev.shoestring.recipe;

/** Where a network is trained; key {@code device}. */
public enum DeviceSpec {
    /** The processors. */
    CPU,
    /** The first NVIDIA GPU that the process sees. */
    CUDA
}
