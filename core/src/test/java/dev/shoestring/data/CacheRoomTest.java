package dev.shoestring.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CacheRoomTest {
    @Test
    void deletesWhatWasUsedLongestAgo(@TempDir Path folder) throws IOException {
        Path oldest = pixels(folder, "a", 400, Duration.ofHours(3));
        Path older = pixels(folder, "b", 400, Duration.ofHours(2));
        Path newest = pixels(folder, "c", 400, Duration.ofHours(1));
        CacheRoom.used(oldest);
        CacheRoom.keep(folder, 900);
        assertThat(oldest).exists();
        assertThat(newest).exists();
        assertThat(older).doesNotExist();
        assertThat(folder.resolve("a.json")).exists();
        assertThat(folder.resolve("b.json")).doesNotExist();
    }

    @Test
    void keepsTheNewestHoweverLarge(@TempDir Path folder) throws IOException {
        Path small = pixels(folder, "small", 10, Duration.ofHours(2));
        Path large = pixels(folder, "large", 1000, Duration.ofHours(1));
        CacheRoom.keep(folder, 100);
        assertThat(large).exists();
        assertThat(small).doesNotExist();
    }

    @Test
    void deletesAbandonedDraftsAndNothingElse(@TempDir Path folder) throws IOException {
        Path abandoned = file(folder, "decoding1.tmp", 10, Duration.ofDays(2));
        Path inWork = file(folder, "decoding2.tmp", 10, Duration.ofMinutes(2));
        Path foreign = file(folder, "notes.txt", 10, Duration.ofDays(900));
        CacheRoom.keep(folder, 0);
        assertThat(abandoned).doesNotExist();
        assertThat(inWork).exists();
        assertThat(foreign).exists();
    }

    private static Path pixels(Path folder, String name, int bytes, Duration age) throws IOException {
        file(folder, name + ".json", 2, age);
        return file(folder, name + ".pixels", bytes, age);
    }

    private static Path file(Path folder, String name, int bytes, Duration age) throws IOException {
        Path file = Files.write(folder.resolve(name), new byte[bytes]);
        Files.setLastModifiedTime(file, FileTime.from(Instant.now().minus(age)));
        return file;
    }
}
