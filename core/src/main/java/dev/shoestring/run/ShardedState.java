package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.distributed.Team;
import dev.shoestring.hub.StoredTensors;
import dev.shoestring.hub.TensorInfo;
import dev.shoestring.hub.TensorOutput;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.tensor.Collectives;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.TensorCopies;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/** An optimizer's state of which each process keeps a part. Rank 0 passes tensors on one after another and never holds the whole. */
final class ShardedState implements OptimizerState {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Steps in which all parts come to rank 0, where steps are short. */
    private static final int MOST_STEPS = 4;

    /** Wall time of the steps in which they come, where steps are long: a lost process costs that much more. */
    private static final double SECONDS = 5;

    private final Team team;
    private final Map<String, Tensor> own;
    private final List<List<TensorInfo>> byRank = new ArrayList<>();

    /** What each writes: a count that all keep is written once. */
    private final List<List<TensorInfo>> written = new ArrayList<>();

    ShardedState(Optimizer optimizer, Team team) {
        this.team = team;
        this.own = optimizer.state();
        List<TensorInfo> infos = new ArrayList<>();
        own.forEach((name, tensor) -> infos.add(StoredTensors.info(name, tensor)));
        try {
            for (String text : team.fromEach(JSON.writeValueAsString(infos))) {
                byRank.add(JSON.readValue(text, new TypeReference<List<TensorInfo>>() {}));
            }
        } catch (JsonProcessingException broken) {
            throw new IllegalStateException("a process sent no list of tensors", broken);
        }
        shareOut();
    }

    private void shareOut() {
        Set<String> names = new HashSet<>();
        for (List<TensorInfo> kept : byRank) {
            written.add(kept.stream().filter(info -> names.add(info.name())).toList());
        }
    }

    private Tensor own(TensorInfo info) {
        return Objects.requireNonNull(own.get(info.name()), info.name());
    }

    @Override
    public void begin(Optional<Checkpoints.Saved> saved) {
        if (saved.isEmpty()) {
            return;
        }
        Collectives together = team.collectives();
        if (!team.first()) {
            byRank.get(team.rank()).forEach(info -> together.receive(own(info), 0));
            return;
        }
        saved.get().read(byRank.get(0), (info, values) -> own(info).copyFrom(values));
        for (int rank = 1; rank < byRank.size(); rank++) {
            int to = rank;
            saved.get().read(byRank.get(rank), (info, values) -> together.send(values, to));
        }
    }

    @Override
    public void write(Checkpoints checkpoints, long step, Map<String, Tensor> shared, ObjectNode state) {
        Collectives together = team.collectives();
        if (!team.first()) {
            written.get(team.rank()).forEach(info -> together.send(own(info), 0));
            return;
        }
        List<TensorOutput> tensors = new ArrayList<>();
        shared.forEach((name, tensor) -> tensors.add(new TensorOutput(StoredTensors.info(name, tensor), () -> tensor)));
        written.get(0).forEach(info -> tensors.add(new TensorOutput(info, () -> own(info))));
        handed().forEach(one -> tensors.add(new TensorOutput(one.info(), () -> one.receive(team))));
        checkpoints.write(step, tensors, state);
    }

    @Override
    public @Nullable CheckpointUnderway start(
            Checkpoints checkpoints,
            long step,
            Map<String, Tensor> shared,
            ObjectNode state,
            LongPredicate room,
            double seconds) {
        Map<String, Tensor> part = new LinkedHashMap<>(team.first() ? shared : Map.of());
        written.get(team.rank()).forEach(info -> part.put(info.name(), own(info)));
        double[] sums = team.collectives().sum(room.test(TensorCopies.bytes(part)) ? 1 : 0, seconds);
        if (sums[0] < team.size()) {
            write(checkpoints, step, shared, state);
            return null;
        }
        return new CheckpointUnderway(
                team,
                new TensorCopies(part),
                handed(),
                Math.min(1, Math.max(1.0 / MOST_STEPS, sums[1] / team.size() / SECONDS)),
                outputs -> checkpoints.write(step, outputs, state));
    }

    /** What the others write, in the order in which they hand it to rank 0. */
    private List<CheckpointUnderway.Handed> handed() {
        List<CheckpointUnderway.Handed> handed = new ArrayList<>();
        for (int rank = 1; rank < written.size(); rank++) {
            for (TensorInfo info : written.get(rank)) {
                handed.add(new CheckpointUnderway.Handed(info, rank));
            }
        }
        return handed;
    }
}
