package dev.shoestring.train;

import java.util.ArrayList;
import java.util.List;

/**
 * One process's part of each step: every n-th micro-batch of the global batch. All processes plan the same global batches by the seed, so
 * that any number of them trains on the same examples in the same steps.
 *
 * @param all the global batches
 * @param rank number of this process, from 0
 * @param processes number of processes
 */
public record ShardedBatches<B extends MicroBatch>(StepBatches<B> all, int rank, int processes)
        implements StepBatches<B> {
    /**
     * The size of micro-batches that gives all processes as many in a step.
     *
     * @param global examples of a step in all processes
     * @param most examples that a process may hold at once
     */
    public static int micro(int global, int most, int processes) {
        int each = (global + processes - 1) / processes;
        int parts = (each + most - 1) / most;
        return Math.max(1, (global + processes * parts - 1) / (processes * parts));
    }

    @Override
    public List<B> step(long step) {
        List<B> global = all.step(step);
        List<B> own = new ArrayList<>();
        for (int i = rank; i < global.size(); i += processes) {
            own.add(global.get(i));
        }
        return own;
    }
}
