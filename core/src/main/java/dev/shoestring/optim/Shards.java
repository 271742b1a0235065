package dev.shoestring.optim;

import dev.shoestring.tensor.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Which process keeps the optimizer's state of which parameter, and changes that parameter for all (ZeRO's first stage, arXiv 1910.02054,
 * section 5.1). Where ZeRO cuts all parameters into equal parts, here each is whole in one process, so that every optimizer sees its
 * matrices as they are and the norm of each gradient is that of one process: the largest first, each to whoever has the fewest numbers so
 * far. No part is smaller than the largest parameter.
 *
 * @param rank number of this process, from 0
 * @param processes number of processes
 */
public record Shards(int rank, int processes) {
    /** One process keeps everything. */
    public static final Shards WHOLE = new Shards(0, 1);

    /** For each parameter the process that keeps its state. */
    public List<Integer> owners(List<Tensor> parameters) {
        Integer[] owners = new Integer[parameters.size()];
        long[] numbers = new long[processes];
        IntStream.range(0, owners.length)
                .boxed()
                .sorted((a, b) -> Long.compare(
                        parameters.get(b).numel(), parameters.get(a).numel()))
                .forEach(i -> {
                    int least = 0;
                    for (int process = 1; process < processes; process++) {
                        if (numbers[process] < numbers[least]) {
                            least = process;
                        }
                    }
                    owners[i] = least;
                    numbers[least] += parameters.get(i).numel();
                });
        return List.of(owners);
    }

    /** The parameters whose state this process keeps. */
    Set<Tensor> kept(List<ParameterGroup> groups) {
        List<Tensor> parameters = ParameterGroup.parametersOf(groups);
        List<Integer> owners = owners(parameters);
        Set<Tensor> kept = new HashSet<>();
        for (int i = 0; i < parameters.size(); i++) {
            if (owners.get(i) == rank) {
                kept.add(parameters.get(i));
            }
        }
        return kept;
    }
}
