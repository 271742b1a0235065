package dev.shoestring.plan;

import org.jspecify.annotations.Nullable;

/**
 * What of a layout is given; the planner chooses what is null.
 *
 * @param devices all devices
 * @param tensor devices that share every matrix
 * @param pipeline stages
 * @param shard what data-parallel copies share out
 * @param recompute activations computed again
 * @param microBatch sequences in one pass
 */
public record Wishes(
        int devices,
        @Nullable Integer tensor,
        @Nullable Integer pipeline,
        Layout.@Nullable Shard shard,
        Layout.@Nullable Recompute recompute,
        @Nullable Integer microBatch) {

    /** So many devices, and all the rest for the planner to choose. */
    public static Wishes devices(int devices) {
        return new Wishes(devices, null, null, null, null, null);
    }

    Wishes withDevices(int other) {
        return new Wishes(other, tensor, pipeline, shard, recompute, microBatch);
    }

    Wishes withoutMicroBatch() {
        return new Wishes(devices, tensor, pipeline, shard, recompute, null);
    }
}
