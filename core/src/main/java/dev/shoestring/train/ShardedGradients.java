package dev.shoestring.train;

import dev.shoestring.tensor.Collectives;
import dev.shoestring.tensor.DType;
import dev.shoestring.tensor.GradientNorm;
import dev.shoestring.tensor.NoGrad;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.tensor.TensorScope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Data parallelism in which each parameter is changed by one process alone (ZeRO's first stage, arXiv 1910.02054): every process sends each
 * gradient to the parameter's owner, who adds them up and steps, and gives the others the new values. That sends what adding up gradients
 * everywhere does. It is an all-to-all and sums, where the paper has a reduce-scatter: Gloo's adds up everything everywhere and then drops
 * the rest, at twice the bytes. Parts travel some megabytes at a time, through memory that is used again, so little is needed at once.
 */
public final class ShardedGradients implements GradientSync, AutoCloseable {
    /** Parts on their way at a time. */
    private static final int ON_THEIR_WAY = 3;

    private final Collectives together;
    private final int rank;
    private final DType type;
    private final List<Tensor> parameters;
    private final List<Integer> owners;
    private final Collection<Tensor> running;
    private final BooleanSupplier wish;
    private final StepTotals totals;
    private final ReadyGradients ready;
    private final List<Part> parts = new ArrayList<>();
    private final List<Room> rooms = new ArrayList<>();
    private final boolean[] present;
    private boolean granted;
    private int wanted;
    private int departed;
    private int arrived;

    /**
     * Sums over these processes.
     *
     * @param compressed whether gradients travel in bf16, in half the bytes and rounded; parameters never do
     * @param parameters the parameters that are trained
     * @param owners the process that changes each of them
     * @param running running statistics, which each process gathers from its own examples; made their mean before an evaluation
     * @param wish whether rank 0 wants something done by all after a step; see {@link #granted}
     */
    public ShardedGradients(
            Collectives together,
            boolean compressed,
            List<Tensor> parameters,
            List<Integer> owners,
            Collection<Tensor> running,
            BooleanSupplier wish) {
        this.together = together;
        this.rank = together.rank();
        this.type = compressed ? DType.BFLOAT16 : DType.FLOAT32;
        this.parameters = List.copyOf(parameters);
        this.owners = List.copyOf(owners);
        this.running = List.copyOf(running);
        this.wish = wish;
        this.totals = new StepTotals(together);
        this.present = new boolean[parameters.size()];
        this.ready = new ReadyGradients(together, parameters);
    }

    /** Parameters that travel together: for each process the numbers of those that it owns. */
    private record Part(List<List<Integer>> byOwner, DType parameterType) {}

    /** Where a part is while it is on its way. */
    private static final class Room {
        private final Tensor own;
        private final Tensor others;
        private List<Collectives.Pending> pending = List.of();

        Room(long ownBytes, long othersBytes) {
            own = Tensor.zeros(DType.UINT8, ownBytes).unscoped().named("own part on its way");
            others = Tensor.zeros(DType.UINT8, othersBytes).unscoped().named("others' parts on their way");
        }

        boolean isDone() {
            return pending.stream().allMatch(Collectives.Pending::isDone);
        }

        void await() {
            pending.forEach(Collectives.Pending::await);
            pending = List.of();
        }
    }

    private void plan() {
        long most = ready.partSize();
        List<List<Integer>> some = emptyLists();
        long numbers = 0;
        List<List<Integer>> members = new ArrayList<>();
        List<Integer> order = ready.learn();
        List<Integer> all = new ArrayList<>();
        for (int place = 0; place < order.size(); place++) {
            int i = order.get(place);
            some.get(owners.get(i)).add(i);
            all.add(i);
            numbers += parameters.get(i).numel();
            DType kind = parameters.get(i).dtype();
            boolean last = place == order.size() - 1
                    || parameters.get(order.get(place + 1)).dtype() != kind;
            if (numbers >= most || last) {
                parts.add(new Part(some, kind));
                members.add(all);
                some = emptyLists();
                all = new ArrayList<>();
                numbers = 0;
            }
        }
        long own = 0;
        long others = 0;
        for (Part part : parts) {
            int bytes = Math.max(type.bytes(), part.parameterType().bytes());
            long mine = room(part, rank);
            own = Math.max(own, (together.size() - 1) * mine * bytes);
            others = Math.max(others, (all(part) - mine) * bytes);
        }
        for (int i = 0; i < Math.min(ON_THEIR_WAY, parts.size()); i++) {
            rooms.add(new Room(aligned(own), aligned(others)));
        }
        ready.divide(members, this::depart);
    }

    private static long aligned(long bytes) {
        return (bytes + Float.BYTES - 1) / Float.BYTES * Float.BYTES;
    }

    private List<List<Integer>> emptyLists() {
        List<List<Integer>> lists = new ArrayList<>();
        for (int process = 0; process < together.size(); process++) {
            lists.add(new ArrayList<>());
        }
        return lists;
    }

    /** Numbers of a process's parameters in a part, and one more for each: whether there is a gradient. */
    private long room(Part part, int owner) {
        return part.byOwner().get(owner).stream()
                .mapToLong(i -> parameters.get(i).numel() + 1)
                .sum();
    }

    private long all(Part part) {
        long all = 0;
        for (int owner = 0; owner < together.size(); owner++) {
            all += room(part, owner);
        }
        return all;
    }

    @Override
    public Agreement agree(double weight, double factor, @Nullable StopReason stop) {
        return totals.agree(weight, factor, stop);
    }

    /** Parts of the optimizer's state are gone with a process that is lost: nothing can be saved then. */
    @Override
    public boolean atBoundary() {
        return false;
    }

    @Override
    public void lastBackward() {
        ready.arm();
    }

    @Override
    public void synchronize(List<Tensor> ofTheStep) {
        if (!ready.knows()) {
            plan();
        }
        try (NoGrad guard = NoGrad.on()) {
            ready.finish();
            while (arrived < parts.size()) {
                sendWhereThereIsRoom(true);
                arrive();
            }
        }
        wanted = 0;
        departed = 0;
        arrived = 0;
    }

    /** Called in the backward pass, which waits for nothing. */
    private void depart(int part) {
        wanted = part + 1;
        try (NoGrad guard = NoGrad.on()) {
            sendWhereThereIsRoom(false);
        }
    }

    private void sendWhereThereIsRoom(boolean waits) {
        while (departed < wanted) {
            if (departed - arrived == rooms.size()) {
                if (!waits && !rooms.get(arrived % rooms.size()).isDone()) {
                    return;
                }
                arrive();
            }
            try (TensorScope scope = TensorScope.open()) {
                sendGradients(parts.get(departed), rooms.get(departed % rooms.size()));
            }
            departed++;
        }
    }

    private void arrive() {
        try (TensorScope scope = TensorScope.open()) {
            Room room = rooms.get(arrived % rooms.size());
            room.await();
            addUp(parts.get(arrived), room);
        }
        arrived++;
    }

    private void sendGradients(Part part, Room room) {
        long[] out = new long[together.size()];
        long[] in = new long[together.size()];
        Arrays.fill(in, room(part, rank));
        in[rank] = 0;
        long at = 0;
        Tensor others = room.others.viewAs(type, -1);
        for (int owner = 0; owner < together.size(); owner++) {
            if (owner == rank) {
                continue;
            }
            List<Integer> theirs = part.byOwner().get(owner);
            long start = at;
            float[] has = new float[theirs.size()];
            for (int i = 0; i < has.length; i++) {
                Tensor parameter = parameters.get(theirs.get(i));
                Tensor gradient = parameter.grad();
                Tensor place = others.narrow(0, at, parameter.numel());
                at += parameter.numel();
                if (gradient == null) {
                    place.fill(0);
                } else {
                    has[i] = 1;
                    place.copyFrom(gradient.reshape(-1));
                    parameter.clearGrad();
                }
            }
            if (has.length > 0) {
                others.narrow(0, at, has.length).copyFrom(Tensor.of(has, has.length));
                at += has.length;
            }
            out[owner] = at - start;
        }
        long received = in.length == 0 ? 0 : Arrays.stream(in).sum();
        room.pending = List.of(together.exchange(
                others.narrow(0, 0, at), out, room.own.viewAs(type, -1).narrow(0, 0, received), in));
    }

    private void addUp(Part part, Room room) {
        List<Integer> mine = part.byOwner().get(rank);
        long each = room(part, rank);
        for (int from = 0; from < together.size() - 1 && !mine.isEmpty(); from++) {
            Tensor sent = room.own.viewAs(type, -1).narrow(0, from * each, each);
            float[] has = sent.narrow(0, each - mine.size(), mine.size()).toFloats();
            long at = 0;
            for (int i = 0; i < has.length; i++) {
                Tensor parameter = parameters.get(mine.get(i));
                if (has[i] > 0) {
                    add(parameter, sent.narrow(0, at, parameter.numel()).view(parameter.shape()));
                }
                at += parameter.numel();
            }
        }
        for (int i : mine) {
            try (TensorScope scope = TensorScope.open()) {
                present[i] = parameters.get(i).grad() != null;
            }
        }
    }

    private static void add(Tensor parameter, Tensor more) {
        Tensor gradient = parameter.grad();
        if (gradient == null) {
            parameter.takeGrad(more.to(parameter.dtype()).copy());
        } else {
            gradient.addInPlace(more);
        }
    }

    @Override
    public double clip(List<Tensor> ofTheStep, double maxNorm) {
        int count = parameters.size();
        double[] values = new double[2 * count + 1];
        for (int i = 0; i < count; i++) {
            if (owners.get(i) == rank && present[i]) {
                values[i] = GradientNorm.of(parameters.get(i));
                values[count + i] = 1;
            }
        }
        values[2 * count] = rank == 0 && wish.getAsBoolean() ? 1 : 0;
        double[] sums = together.sum(values);
        granted = sums[2 * count] > 0;
        float[] norms = new float[count];
        int known = 0;
        for (int i = 0; i < count; i++) {
            if (sums[count + i] > 0) {
                norms[known++] = (float) sums[i];
            }
        }
        return known == 0 ? 0 : GradientNorm.clip(parameters, Arrays.copyOf(norms, known), maxNorm);
    }

    /** Whether all do after this step what rank 0 wished for. */
    public boolean granted() {
        return granted;
    }

    @Override
    public void afterStep(long step) {
        int count = rooms.size();
        try (NoGrad guard = NoGrad.on()) {
            for (int i = 0; i < parts.size() + count; i++) {
                try (TensorScope scope = TensorScope.open()) {
                    Room room = rooms.get(i % count);
                    if (i >= count) {
                        room.await();
                        take(parts.get(i - count), room);
                    }
                    if (i < parts.size()) {
                        sendParameters(parts.get(i), room);
                    }
                }
            }
        }
    }

    private void sendParameters(Part part, Room room) {
        List<Collectives.Pending> pending = new ArrayList<>();
        Tensor others = room.others.viewAs(part.parameterType(), -1);
        long at = 0;
        for (int owner = 0; owner < together.size(); owner++) {
            long numbers = numbers(part, owner);
            if (numbers == 0) {
                continue;
            }
            if (owner == rank) {
                Tensor own = room.own.viewAs(part.parameterType(), -1).narrow(0, 0, numbers);
                long place = 0;
                for (int i : part.byOwner().get(owner)) {
                    Tensor parameter = parameters.get(i);
                    own.narrow(0, place, parameter.numel())
                            .copyFrom(parameter.detach().reshape(-1));
                    place += parameter.numel();
                }
                pending.add(together.give(own, owner));
            } else {
                pending.add(together.give(others.narrow(0, at, numbers), owner));
                at += numbers;
            }
        }
        room.pending = pending;
    }

    private long numbers(Part part, int owner) {
        return part.byOwner().get(owner).stream()
                .mapToLong(i -> parameters.get(i).numel())
                .sum();
    }

    private void take(Part part, Room room) {
        Tensor others = room.others.viewAs(part.parameterType(), -1);
        long at = 0;
        for (int owner = 0; owner < together.size(); owner++) {
            if (owner == rank) {
                continue;
            }
            for (int i : part.byOwner().get(owner)) {
                Tensor parameter = parameters.get(i);
                parameter.copyFrom(others.narrow(0, at, parameter.numel()).view(parameter.shape()));
                at += parameter.numel();
            }
        }
    }

    @Override
    public StepRecord total(StepRecord own) {
        return totals.total(own);
    }

    @Override
    public void beforeEvaluation() {
        together.mean(running);
    }

    @Override
    public void close() {
        ready.close();
        rooms.forEach(room -> {
            room.own.close();
            room.others.close();
        });
    }
}
