package dev.shoestring.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import scala.Tuple2;

final class RankReportTest {
    @Test
    void aRunOfAFolderThatIsNotSharedIsBroughtWithoutItsCheckpoints(@TempDir Path folder) throws IOException {
        Path there = Files.createDirectories(folder.resolve("there/tickets-1"));
        Files.createDirectory(there.resolve("model"));
        Files.createDirectory(there.resolve("checkpoints"));
        Files.write(there.resolve("model/model.safetensors"), new byte[] {0, -1, 7});
        Files.writeString(there.resolve("summary.json"), "{}");
        Files.writeString(there.resolve("checkpoints/step-1.json"), "{}");

        Path here = Files.createDirectory(folder.resolve("here"));
        Path run = RankReport.run(RankReport.brought(there), here);
        assertThat(run).isEqualTo(here.resolve("tickets-1"));
        assertThat(run.resolve("model/model.safetensors")).hasBinaryContent(new byte[] {0, -1, 7});
        assertThat(run.resolve("summary.json")).hasContent("{}");
        assertThat(run.resolve("checkpoints")).doesNotExist();
    }

    @Test
    void aSharedRunIsNamedAlone(@TempDir Path folder) {
        Path run = folder.resolve("tickets-1");
        assertThat(RankReport.run(RankReport.shared(run), folder)).isEqualTo(run);
        assertThat(RankReport.refusal(RankReport.shared(run))).isEmpty();
    }

    @Test
    void theFirstRefusalIsTold() {
        assertThat(RankReport.refusal(List.of(RankReport.refused("no such model"), RankReport.refused("follows"))))
                .contains("no such model");
    }

    @Test
    void noFileLeavesItsRun(@TempDir Path folder) {
        List<Tuple2<String, byte[]>> parts = new ArrayList<>(RankReport.shared(folder.resolve("run")));
        parts.add(new Tuple2<>("file:../../elsewhere", new byte[0]));
        assertThatThrownBy(() -> RankReport.run(parts, folder)).isInstanceOf(IllegalStateException.class);
    }
}
