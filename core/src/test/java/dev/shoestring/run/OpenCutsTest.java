package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.train.RunControl;
import dev.shoestring.train.StopReason;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OpenCutsTest {
    private final List<String> happened = new ArrayList<>();

    /** No record: what happens would change its hash. */
    private static final class Named implements Shrinkable.Design {
        private final String title;
        private final List<String> happened;

        Named(String title, List<String> happened) {
            this.title = title;
            this.happened = happened;
        }

        @Override
        public String title() {
            return title;
        }

        @Override
        public Shrinkable.Size size() {
            return new Shrinkable.Size(1, 1);
        }

        @Override
        public Object kin() {
            return title;
        }

        @Override
        public Shrinkable.Cut cut() {
            happened.add("cut " + title);
            return new Shrinkable.Cut() {
                @Override
                public double quickValue() {
                    return 0;
                }

                @Override
                public double value() {
                    return 0;
                }

                @Override
                public StopReason heal(int steps, RunControl control) {
                    return StopReason.COMPLETED;
                }

                @Override
                public void save(Path folder) {
                    throw new UnsupportedOperationException("nobody saves it");
                }

                @Override
                public void close() {
                    happened.add("closed " + title);
                }
            };
        }
    }

    @Test
    void whatIsKeptIsCutOnceAndAllIsClosedOnce() {
        Named a = new Named("a", happened);
        Named b = new Named("b", happened);
        try (OpenCuts cuts = new OpenCuts()) {
            cuts.open(a);
            cuts.open(b);
            assertThat(happened).containsExactly("cut a", "cut b");
            cuts.keepOnly(List.of(b));
            assertThat(happened).endsWith("closed a");
            cuts.take(b).close();
            cuts.take(a);
            cuts.open(b);
        }
        // The second "a" is its taker's.
        assertThat(happened).containsExactly("cut a", "cut b", "closed a", "closed b", "cut a", "cut b", "closed b");
    }
}
