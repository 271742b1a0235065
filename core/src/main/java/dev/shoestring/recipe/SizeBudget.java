package dev.shoestring.recipe;

import org.jspecify.annotations.Nullable;

/**
 * Limits of a network's size, from which its depth and width are proposed; at least one is given.
 *
 * @param parameters most numbers in the network, the vocabulary's rows included; null sets no limit
 * @param flops most floating-point operations of a prediction; null sets no limit
 * @param latency longest wall time of a prediction alone, seconds; null sets no limit
 */
public record SizeBudget(
        @Nullable Double parameters,
        @Nullable Double flops,
        @Nullable Double latency) {}
