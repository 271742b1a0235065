package dev.shoestring.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.shoestring.distributed.Team;
import dev.shoestring.optim.Optimizer;
import dev.shoestring.optim.Shards;
import dev.shoestring.recipe.AdaptSpec;
import dev.shoestring.recipe.BatchSpec;
import dev.shoestring.recipe.DistributedSpec;
import dev.shoestring.recipe.InputException;
import dev.shoestring.recipe.ModelSpec;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.RecipeYaml;
import dev.shoestring.tensor.Tensor;
import dev.shoestring.train.Checkpoints;
import dev.shoestring.train.Division;
import dev.shoestring.train.EvaluationRecord;
import dev.shoestring.train.GradientSync;
import dev.shoestring.train.LocalSteps;
import dev.shoestring.train.MicroBatch;
import dev.shoestring.train.Observer;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.ShardedBatches;
import dev.shoestring.train.ShardedGradients;
import dev.shoestring.train.StepBatches;
import dev.shoestring.train.StepRecord;
import dev.shoestring.train.SummedGradients;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A run as one process of several does its part of it. Of one alone it changes nothing. */
record TeamWork(Team team) {
    private static final int SHOWN = 12;

    /** The recipe with micro-batches of a size that gives every process as many. */
    Recipe shared(Recipe recipe) {
        BatchSpec batch = recipe.batch();
        if (!team.isAlone() && recipe.distributed().local()) {
            if (batch.global() % team.size() != 0) {
                throw new InputException("batch.global: " + batch.global() + " cannot be divided among " + team.size()
                        + " processes that each do steps by themselves (distributed.local_steps); nearest: "
                        + Math.max(1, batch.global() / team.size()) * team.size());
            }
            if (recipe.adapt() instanceof AdaptSpec.Head) {
                throw new InputException("distributed.local_steps: has no use with adapt: head, whose steps are not"
                        + " divided; leave out one of the two");
            }
        }
        return team.isAlone()
                ? recipe
                : recipe.withBatch(new BatchSpec(
                        batch.global(),
                        ShardedBatches.micro(batch.global(), batch.micro(), team.size()),
                        batch.byLength()));
    }

    /** The recipe with the sizes that its limits come to: rank 0's, for a measured time differs from process to process. */
    Recipe sized(Recipe recipe, RunListener listener) {
        if (team.isAlone()) {
            return SizeProposal.settled(recipe, listener);
        }
        String sizes = team.fromFirst(() -> recipe.model() instanceof ModelSpec.Budgeted
                ? SizeProposal.sizes(SizeProposal.settled(recipe, listener).model())
                : "");
        return recipe.model() instanceof ModelSpec.Budgeted budgeted && !sizes.isEmpty()
                ? recipe.withModel(SizeProposal.sized(budgeted.kind(), sizes))
                : recipe;
    }

    /**
     * Refuses processes that were started for something else.
     *
     * @throws dev.shoestring.recipe.InputException naming rank, host and what differs
     */
    void requireSame(Recipe recipe, Inputs inputs) {
        if (team.isAlone()) {
            return;
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("version of Shoestring", Machine.versions().get("shoestring"));
        facts.put("version of LibTorch", Machine.versions().get("libtorch"));
        facts.put("seed", Long.toString(recipe.seed()));
        facts.put("recipe", "SHA-256 " + sha256(RecipeYaml.write(recipe)));
        String data = inputs.fingerprint();
        facts.put("content of the data", "SHA-256 " + data.substring(0, Math.min(SHOWN, data.length())));
        team.requireSame(facts);
    }

    /** The checkpoint that rank 0 goes on from; the others have only what is written beside its tensors. */
    Optional<Checkpoints.Saved> saved(Optional<Checkpoints.Saved> own) {
        if (team.isAlone()) {
            return own;
        }
        String text =
                team.fromFirst(() -> own.map(saved -> saved.state().toString()).orElse(""));
        if (team.first() || text.isEmpty()) {
            return team.first() ? own : Optional.empty();
        }
        try {
            ObjectNode state = (ObjectNode) new ObjectMapper().readTree(text);
            return Optional.of(new Checkpoints.Saved(state.path("step").asLong(), Path.of("rank 0's"), state));
        } catch (JsonProcessingException | ClassCastException broken) {
            throw new IllegalStateException("rank 0 sent no JSON", broken);
        }
    }

    /** Gives every process rank 0's values. */
    void share(Collection<Tensor> tensors) {
        if (!team.isAlone()) {
            tensors.forEach(tensor -> team.collectives().broadcast(tensor, 0));
        }
    }

    /** This process's part of the steps. */
    <B extends MicroBatch> StepBatches<B> batches(StepBatches<B> all) {
        return team.isAlone() ? all : new ShardedBatches<>(all, team.rank(), team.size());
    }

    /** How an evaluation is divided. */
    Division division() {
        if (team.isAlone()) {
            return Division.none();
        }
        return new Division() {
            @Override
            public int rank() {
                return team.rank();
            }

            @Override
            public int processes() {
                return team.size();
            }

            @Override
            public double[] sum(double... values) {
                return team.collectives().sum(values);
            }
        };
    }

    /** Which process keeps which part of the optimizer's state. */
    Shards shards(DistributedSpec spec) {
        return spec.sharded() && !team.isAlone() ? new Shards(team.rank(), team.size()) : Shards.WHOLE;
    }

    /** Bytes that every process may hold: those of the one that may hold least, so that all take the same measures. */
    long memory(Recipe recipe) {
        return team.fromEach(Long.toString(MemoryPlan.limit(recipe))).stream()
                .mapToLong(Long::parseLong)
                .min()
                .orElseThrow();
    }

    /** How its state comes into checkpoints; every process calls it. */
    OptimizerState state(Optimizer optimizer, DistributedSpec spec) {
        return shards(spec).processes() == 1
                ? new OptimizerState.Whole(optimizer, this)
                : new ShardedState(optimizer, team);
    }

    /**
     * What makes the processes one in each step; closed when training is over.
     *
     * @param saving who writes checkpoints after a step
     */
    record Step(GradientSync sync, List<Observer> saving, Runnable end) implements AutoCloseable {
        @Override
        public void close() {
            end.run();
        }
    }

    /**
     * What makes the processes one in each step. Parameters are the same in all of them when it is made.
     *
     * @param steps steps of the whole run
     * @param checkpointer writes checkpoints
     */
    Step step(Job<?> job, DistributedSpec spec, long steps, Checkpointer checkpointer) {
        List<Observer> saving = team.first() ? List.of(checkpointer) : List.of();
        if (team.isAlone()) {
            return new Step(GradientSync.none(), saving, () -> {});
        }
        List<Tensor> running = new ArrayList<>(job.store().buffers().values());
        if (job.average() != null) {
            running.addAll(job.average().state().values());
        }
        if (spec.local()) {
            LocalSteps local =
                    new LocalSteps(team.collectives(), spec, job.optimizer().parameters(), steps, running);
            return new Step(local, saving, local::close);
        }
        Optimizer optimizer = job.optimizer();
        if (shards(spec).processes() > 1) {
            ShardedGradients shards = new ShardedGradients(
                    team.collectives(),
                    spec.compressed(),
                    optimizer.parameters(),
                    optimizer.owners(),
                    running,
                    checkpointer::due);
            return new Step(shards, List.of(together(checkpointer, shards)), shards::close);
        }
        SummedGradients sums = new SummedGradients(
                team.collectives(), spec.compressed(), job.optimizer().parameters(), running);
        return new Step(sums, saving, sums::close);
    }

    /** Writes in the same steps in all processes, when rank 0's checkpoint is due. */
    private static Observer together(Checkpointer checkpointer, ShardedGradients shards) {
        return new Observer() {
            @Override
            public void afterEvaluation(EvaluationRecord evaluation, RunControl control) {
                checkpointer.afterEvaluation(evaluation, control);
            }

            @Override
            public void afterStep(StepRecord step, RunControl control) {
                checkpointer.afterStep(step.seconds(), shards.granted());
            }
        };
    }

    private static String sha256(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest).substring(0, SHOWN);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JDK has SHA-256", missing);
        }
    }
}
