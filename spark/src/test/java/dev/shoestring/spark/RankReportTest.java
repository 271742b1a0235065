package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

final class RankReportTest {
    @Test
    void aRunOfAFolderThatIsNotSharedIsBroughtWithoutItsCheckpoints(@TempDir Path folder) throws IOException {
        Path there = Files.createDirectories(folder.resolve("there/tickets-1"));
        Files.createDirectory(there.resolve("model"));
        Files.createDirectory(there.resolve("checkpoints"));
        byte[] weights = new byte[9 << 20];
        new Random(1).nextBytes(weights);
        Files.write(there.resolve("model/model.safetensors"), weights);
        Files.writeString(there.resolve("empty"), "");
        Files.writeString(there.resolve("summary.json"), "{}");
        Files.writeString(there.resolve("checkpoints/step-1.json"), "{}");

        Path here = Files.createDirectory(folder.resolve("here"));
        List<Tuple2<String, byte[]>> parts = new ArrayList<>(RankReport.brought(there));
        Collections.reverse(parts);
        Path run = RankReport.run(parts, here);
        assertThat(run).isEqualTo(here.resolve("tickets-1"));
        assertThat(run.resolve("model/model.safetensors")).hasBinaryContent(weights);
        assertThat(run.resolve("summary.json")).hasContent("{}");
        assertThat(run.resolve("empty")).isEmptyFile();
        assertThat(run.resolve("checkpoints")).doesNotExist();
    }

    @Test
    void runsOfTheSameNameDoNotMix(@TempDir Path folder) throws IOException {
        Path here = Files.createDirectory(folder.resolve("here"));
        for (String text : new String[] {"first", "second"}) {
            Path there = Files.createDirectories(folder.resolve(text).resolve("tickets-1"));
            Files.writeString(there.resolve("summary.json"), text);
            Path run = RankReport.run(new ArrayList<>(RankReport.brought(there)), here);
            assertThat(run.resolve("summary.json")).hasContent(text);
        }
        assertThat(here).isDirectoryContaining("glob:**/tickets-1").isDirectoryContaining("glob:**/tickets-1-2");
    }

    @Test
    void aSharedRunIsNamedAlone(@TempDir Path folder) {
        Path run = folder.resolve("tickets-1");
        assertThat(RankReport.run(RankReport.shared(run), folder)).isEqualTo(run);
        assertThat(RankReport.refusal(RankReport.shared(run))).isEmpty();
    }

    @Test
    void theFirstRefusalIsTold() {
        assertThat(RankReport.refusal(
                        List.of(RankReport.refused(10, "follows"), RankReport.refused(2, "no such model"))))
                .contains("no such model");
    }

    @Test
    void noFileLeavesItsRun(@TempDir Path folder) {
        List<Tuple2<String, byte[]>> parts = new ArrayList<>(RankReport.shared(folder.resolve("run")));
        parts.add(new Tuple2<>("file:../../elsewhere#000000", new byte[0]));
        assertThatThrownBy(() -> RankReport.run(parts, folder)).isInstanceOf(IllegalStateException.class);
    }
}
