package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.shoestring.cost.Ledger;
import dev.shoestring.cost.PriceList;
import dev.shoestring.recipe.DivergedException;
import dev.shoestring.recipe.Recipe;
import dev.shoestring.recipe.Recipes;
import dev.shoestring.report.ShrinkReport;
import dev.shoestring.report.TrainingProgress;
import dev.shoestring.shrink.ShrinkTarget;
import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which candidates a shrinking takes, and when it ends: with networks that are made up, whose healing trains a bag of words. */
final class ShrinkWorkTest {
    @TempDir
    private Path folder = Path.of("");

    private final List<String> messages = new ArrayList<>();
    private final List<String> healed = new ArrayList<>();
    private int tries = 3;
    private Recipe words = Recipes.load("definitions-words", List.of());

    @BeforeEach
    void table() throws IOException {
        List<String> csv = new ArrayList<>(List.of("body,topic"));
        for (int i = 0; i < 120; i++) {
            csv.add(i % 2 == 0 ? "the invoice " + i + " was charged,bill" : "the app " + i + " crashes,bug");
        }
        Path table = Files.write(folder.resolve("tickets.csv"), csv);
        words = Recipes.parse("words", """
                task: text-classification
                model: {fresh: bag-of-words, buckets: 4096}
                data: {train: "%s", text: body, label: topic, validation: 0.2, test: 0.1}
                """.formatted(table), List.of());
    }

    /** A candidate of so many operations, of this value right after the cut and after a short healing, which ends so. */
    private record Made(String title, double flops, double quick, double brief, StopReason ends, List<String> healed)
            implements Shrinkable.Design {
        @Override
        public Shrinkable.Size size() {
            return new Shrinkable.Size((long) flops, flops);
        }

        @Override
        public Object kin() {
            return title;
        }

        @Override
        public Shrinkable.Cut cut() {
            return new Shrinkable.Cut() {
                @Override
                public double quickValue() {
                    return quick;
                }

                @Override
                public double value() {
                    return brief;
                }

                @Override
                public StopReason heal(int steps, RunControl control) {
                    healed.add(title + " " + steps);
                    return ends;
                }

                @Override
                public void save(Path to) {
                    try {
                        Files.createDirectories(to);
                        Files.writeString(to.resolve("config.json"), "{}");
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                }

                @Override
                public void close() {
                    // Holds nothing.
                }
            };
        }
    }

    private Made made(String title, double flops, double quick, double brief, StopReason ends) {
        return new Made(title, flops, quick, brief, ends, healed);
    }

    /** An original of 1,000 operations, and the candidates of each target: none for a target that is too small. */
    private record Network(Recipe words, Map<Double, List<Made>> candidates, int tries) implements Shrinkable {
        private List<Made> of(ShrinkTarget target) {
            ShrinkTarget.Limit flops = target.flops();
            return candidates.getOrDefault(flops == null ? 0 : flops.value(), List.of());
        }

        @Override
        public void prepare() {
            // Nothing is asked of the original.
        }

        @Override
        public double value() {
            return 0.5;
        }

        @Override
        public Size size() {
            return new Size(1000, 1000);
        }

        @Override
        public Size smallest() {
            return new Size(10, 10);
        }

        @Override
        public double originalTrainingFlops() {
            return 1e9;
        }

        @Override
        public double passFlops(double predictionFlops, Path cut) {
            return 1e9;
        }

        @Override
        public boolean possible(ShrinkTarget target) {
            return !of(target).isEmpty();
        }

        @Override
        public List<Made> designs(ShrinkTarget target) {
            return of(target);
        }

        @Override
        public Recipe healing(Path cut) {
            return words;
        }

        @Override
        public ShrinkReport.Network measure(Path runOrModel, double value, double test) {
            return new ShrinkReport.Network(
                    runOrModel.toString(), Map.of("layers", 1L), 10, 10, value, test, 1, 1, 1, "estimated");
        }

        @Override
        public boolean dearToCut() {
            return true;
        }

        @Override
        public String unit() {
            return "text";
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    private Optional<Shrink.Result> shrink(@Nullable ShrinkTarget target, Map<Double, List<Made>> candidates) {
        RunListener listener = new RunListener() {
            @Override
            public void message(String text) {
                messages.add(text);
            }

            @Override
            public void progress(TrainingProgress progress, boolean evaluated) {
                // A bag of words has none.
            }

            @Override
            public void transferred(String what, long done, long total) {
                // Nothing is fetched.
            }
        };
        PriceList prices = PriceList.bundled();
        Shrink.Settings settings = new Shrink.Settings(
                null, 0.99, target, null, null, false, null, folder.resolve("work"), folder.resolve("runs"));
        ShrinkSetup setup =
                new ShrinkSetup(words, settings, folder.resolve("original"), listener, prices, Ledger.start(prices));
        ShrinkState state = ShrinkState.open(settings.folder(), "test", listener);
        return new ShrinkWork(setup, new RunControl(), state, new Network(words, candidates, tries)).shrink();
    }

    @Test
    void aCandidateThatDivergesIsLeftOutAndASmallerOneHealsLonger() {
        Optional<Shrink.Result> result = shrink(
                ShrinkTarget.flops(0.4),
                Map.of(
                        0.4,
                        List.of(
                                made("wild", 400, 0.9, 0.9, StopReason.DIVERGED),
                                made("calm", 200, 0.8, 0.7, StopReason.COMPLETED))));
        assertThat(result).isPresent();
        assertThat(messages).contains("diverged, and is left out: wild");
        assertThat(healed).containsExactly("wild 40", "calm 80");
        assertThat(result.orElseThrow().report().candidates())
                .filteredOn(one -> Double.isFinite(one.healed()))
                .singleElement()
                .satisfies(one -> assertThat(one.title()).isEqualTo("calm"));
    }

    @Test
    void whereAllOfTheFirstTargetDivergeThereIsNoResult() {
        assertThatThrownBy(() -> shrink(null, Map.of(0.5, List.of(made("wild", 400, 0.9, 0.9, StopReason.DIVERGED)))))
                .isInstanceOf(DivergedException.class)
                .hasMessageContaining("none of the candidates")
                .hasMessageContaining("optimizer.lr");
    }

    @Test
    void whereAllOfALaterTargetDivergeTheLastNetworkIsTheResult() {
        Optional<Shrink.Result> result = shrink(
                null,
                Map.of(
                        0.5,
                        List.of(made("half", 400, 0.9, 0.9, StopReason.COMPLETED)),
                        0.35,
                        List.of(made("wild", 300, 0.9, 0.9, StopReason.DIVERGED))));
        assertThat(result).isPresent();
        assertThat(result.orElseThrow().report().floorKept()).isTrue();
        assertThat(messages).anySatisfy(message -> assertThat(message)
                .startsWith("not smaller than 0.5x the operations: shrink: none of the candidates"));
    }

    @Test
    void theDescentEndsWhereNoSmallerNetworkCanBeCut() {
        Optional<Shrink.Result> result =
                shrink(null, Map.of(0.5, List.of(made("half", 400, 0.9, 0.9, StopReason.COMPLETED))));
        assertThat(result).isPresent();
        assertThat(messages).contains("no smaller network can be cut than 0.5x the operations allows");
        assertThat(healed).containsExactly("half 40");
    }

    @Test
    void whereOneGoesOnTheCheapestOfTheGoodOnesDoesSoWithoutABriefHealing() {
        tries = 1;
        Optional<Shrink.Result> result = shrink(
                ShrinkTarget.flops(0.4),
                Map.of(
                        0.4,
                        List.of(
                                made("broken", 50, Double.NaN, 0.1, StopReason.COMPLETED),
                                made("best", 400, 0.9, 0.9, StopReason.COMPLETED),
                                made("as good", 300, 0.895, 0.9, StopReason.COMPLETED),
                                made("worse", 200, 0.88, 0.9, StopReason.COMPLETED))));
        assertThat(healed).isEmpty();
        assertThat(result.orElseThrow().report().candidates())
                .filteredOn(one -> Double.isFinite(one.healed()))
                .singleElement()
                .satisfies(one -> {
                    assertThat(one.title()).isEqualTo("as good");
                    assertThat(one.brief()).isNaN();
                });
    }
}
