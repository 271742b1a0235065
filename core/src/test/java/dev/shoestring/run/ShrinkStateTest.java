package dev.shoestring.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.shoestring.report.ShrinkReport.Candidate;
import dev.shoestring.report.TrainingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an interrupted shrinking finds again, and what it does not believe. */
final class ShrinkStateTest {
    @TempDir
    private Path folder = Path.of("");

    private final Messages messages = new Messages(new ArrayList<>());

    private record Messages(List<String> texts) implements RunListener {
        @Override
        public void message(String text) {
            texts.add(text);
        }

        @Override
        public void progress(TrainingProgress progress, boolean evaluated) {
            // Not asked about.
        }

        @Override
        public void transferred(String what, long done, long total) {
            // Not asked about.
        }
    }

    @Test
    void whatWasJudgedIsFoundAgainByTheSameKeyAlone() {
        Candidate tried = new Candidate("two layers", 1000, 5e6, 0.5, 0.7, Double.NaN);
        Candidate not = new Candidate("one layer", 600, 3e6, Double.NaN, Double.NaN, Double.NaN);
        ShrinkState first = ShrinkState.open(folder, "a", messages);
        first.judged("0", new ShrinkState.Judged(List.of(tried, not), 1, 0.5));
        first.run("0", folder.resolve("run"));
        ShrinkState again = ShrinkState.open(folder, "a", messages);
        assertThat(again.judged("0")).contains(new ShrinkState.Judged(List.of(tried, not), 1, 0.5));
        assertThat(again.run("0")).isEqualTo(folder.resolve("run"));
        assertThat(again.run("1")).isNull();
        assertThat(messages.texts()).isEmpty();
        assertThat(ShrinkState.open(folder, "b", messages).judged("0")).isEmpty();
        assertThat(messages.texts()).singleElement().asString().contains("is of another shrinking", "--folder");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"key\": \"a\", ",
                "{\"key\": 3}",
                "{\"key\": \"a\", \"original\": \"x\\u0000\"}",
                "{\"key\": \"a\", \"runs\": [1]}",
                "{\"key\": \"a\", \"runs\": {\"0\": \"x\\u0000\"}}",
                "{\"key\": \"a\", \"cost\": {\"flops\": \"many\"}}",
                "{\"key\": \"a\", \"0\": {\"chosen\": 0, \"candidates\": []}}",
                "{\"key\": \"a\", \"0\": {\"chosen\": -1, \"candidates\": "
                        + "[{\"title\": \"x\", \"parameters\": 5, \"flops\": 5, \"cut\": 0.5}]}}",
                "{\"key\": \"a\", \"0\": {\"chosen\": 0, \"candidates\": "
                        + "[{\"title\": \"x\", \"parameters\": \"five\", \"flops\": 5, \"cut\": 0.5}]}}"
            })
    void aDamagedStateBeginsAnewAndSaysSo(String damaged) throws IOException {
        Files.writeString(folder.resolve("state.json"), damaged);
        ShrinkState state = ShrinkState.open(folder, "a", messages);
        assertThat(messages.texts())
                .singleElement()
                .asString()
                .contains("state.json", "is damaged; the shrinking begins anew");
        assertThat(state.judged("0")).isEmpty();
        assertThat(state.run("0")).isNull();
        assertThat(state.original()).isNull();
        assertThat(state.cost()).isEmpty();
    }
}
