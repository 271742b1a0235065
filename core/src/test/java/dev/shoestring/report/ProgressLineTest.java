package dev.shoestring.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ProgressLineTest {
    private static final long SECOND = 1_000_000_000L;

    private final StringBuilder out = new StringBuilder();
    private final AtomicLong now = new AtomicLong();

    @Test
    void plainLinesEveryTenSecondsAndAtEachEvaluation() {
        ProgressLine line = line(false, 80);
        for (int step = 1; step <= 250; step++) {
            line.training(progress(step, null));
            now.addAndGet(SECOND / 10);
        }
        line.evaluated(progress(250, 0.764));
        line.finish();

        assertThat(out.toString()).isEqualTo("""
                step 1/564  loss 0.812  5,420 tokens/s  0:38 left  0.0004 USD
                step 101/564  loss 0.812  5,420 tokens/s  0:38 left  0.0004 USD
                step 201/564  loss 0.812  5,420 tokens/s  0:38 left  0.0004 USD
                step 250/564  loss 0.812  validation 0.764  5,420 tokens/s  0:38 left  0.0004 USD
                """);
    }

    @Test
    void redrawnInPlaceAtMostTenTimesASecond() {
        ProgressLine line = line(true, 120);
        for (int step = 1; step <= 100; step++) {
            line.training(progress(step, 0.5));
            now.addAndGet(SECOND / 100);
        }
        line.message("checkpoint written");
        line.finish();

        assertThat(out.toString().split("\r", -1)).hasSize(12);
        assertThat(out).contains("[==              ]  step 91/564").endsWith("\r\u001b[Kcheckpoint written\n");
    }

    @Test
    void neverWiderThanTheTerminal() {
        for (int width = 20; width < 140; width++) {
            out.setLength(0);
            line(true, width).training(progress(120, 0.5));
            String drawn = out.toString().replace("\r", "").replace("\u001b[K", "");
            assertThat(drawn.length()).as("%d columns", width).isLessThan(width);
            assertThat(drawn).contains("step 120/564");
        }
    }

    @Test
    void whatIsNotKnownIsLeftOut() {
        line(false, 80)
                .training(new TrainingProgress(1, 10, 2, null, "accuracy", Double.NaN, Double.NaN, Double.NaN, "USD"));
        assertThat(out).hasToString("step 1/10  loss 2.000\n");
    }

    @Test
    void tasksShowTheirAmountAndTheirEnd() {
        ProgressLine line = line(false, 80);
        line.task("downloading model", 0, 90_400_000, "B");
        line.task("downloading model", 45_000_000, 90_400_000, "B");
        line.task("downloading model", 90_400_000, 90_400_000, "B");
        line.task("encoding", 6_000, 0, "texts");

        assertThat(out.toString()).isEqualTo("""
                downloading model  0 B of 90.4 MB  0%
                downloading model  90.4 MB of 90.4 MB  100%
                encoding  6,000 texts
                """);
    }

    @Test
    void terminalIsWhatTheLauncherFound() {
        Properties none = new Properties();
        Properties wide = new Properties();
        wide.setProperty(Terminal.WIDTH_PROPERTY, "132");

        assertThat(Terminal.from(none, Map.of("COLUMNS", "90"))).isEqualTo(new Terminal(false, 80, false));
        assertThat(Terminal.from(wide, Map.of())).isEqualTo(new Terminal(true, 132, true));
        assertThat(Terminal.from(wide, Map.of("NO_COLOR", "1", "COLUMNS", "90")))
                .isEqualTo(new Terminal(true, 90, false));
        assertThat(Terminal.from(wide, Map.of("TERM", "dumb")).interactive()).isFalse();
        assertThat(Terminal.from(wide, Map.of("COLUMNS", "-5")).width()).isEqualTo(80);
    }

    private ProgressLine line(boolean interactive, int width) {
        return new ProgressLine(out, new Terminal(interactive, width, false), now::get);
    }

    private static TrainingProgress progress(long step, @Nullable Double validation) {
        return new TrainingProgress(step, 564, 0.812, validation, "accuracy", 5_420, 38, 0.0004, "USD");
    }
}
